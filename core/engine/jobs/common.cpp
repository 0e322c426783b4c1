// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/common.h"

#include <utility>

#include "core/base/error.h"
#include "core/formats/model_file.h"

namespace airframe {

std::vector<OptionSpec> modelOptions(const std::string& default_compute, NativeCompute native) {
    std::vector<std::string> types = {"float32", "bf16"};
    std::string help = "type of weights and activations";
    if (native == NativeCompute::offered) {
        types.insert(types.end(), {"native", "fastest"});
        help += "; fastest is native where device and model allow it, else bf16";
    }
    return {
        {.name = "device", .help = "where to compute: cpu or cuda:N", .fallback = "cpu"},
        {.name = "threads", .kind = OptionKind::integer, .help = "processor threads; all cores if not given", .low = 1, .high = 4096},
        {.name = "compute", .help = help, .fallback = default_compute, .choices = types},
    };
}

std::vector<OptionSpec> joined(std::vector<OptionSpec> own, const std::vector<OptionSpec>& more) {
    own.insert(own.end(), more.begin(), more.end());
    return own;
}

OptionSpec modelArgument() { return {.name = "MODEL", .help = "a .gguf or .safetensors file, or a folder with config.json", .required = true}; }
OptionSpec studyOption() { return {.name = "study", .help = "the study file (*.airframe)", .required = true}; }
OptionSpec placementOption() {
    return {.name = "placement", .help = "blocks in layer order with counts, like jet*14,attn,jet*15", .required = true};
}
OptionSpec idsOption() {
    return {.name = "ids", .kind = OptionKind::integers, .help = "token ids, like 1,2,3", .low = -2147483648.0, .high = 2147483647};
}
OptionSpec tasksOption() {
    return {.name = "tasks", .kind = OptionKind::words, .help = "task ids, like kv,copy (see 'airframe-engine tasks')"};
}

Compute computeOf(const Params& params) {
    return Compute::parse(params.text("compute"), params.text("device"));
}

OpenStudy::OpenStudy(JobContext& job) : OpenStudy(job, Study::open(job.params.path("study"))) {}

OpenStudy::OpenStudy(JobContext& job, std::unique_ptr<Study> study) : m_control(job.control), m_study(std::move(study)) {
    m_control.attach(m_study.get());
}

OpenStudy::~OpenStudy() { m_control.attach(nullptr); }

Placement ownPlacement(const ModelFile& file) {
    std::vector<std::string> blocks;
    for (const auto& layer : file.config().layer) blocks.push_back(layer.block);
    return Placement(std::move(blocks));
}

std::vector<std::int32_t> checkedIds(const Params& params, int vocab, bool allow_empty) {
    const std::vector<int> ids = params.integers("ids");
    if (ids.empty() && !allow_empty) throw Failure(ErrorCode::options, params.shown("ids"), "needs at least one token id");
    for (const int id : ids) {
        if (id >= 0 && id < vocab) continue;
        throw Failure(ErrorCode::bad_input, params.shown("ids"), "token id " + std::to_string(id) + " is not in the vocabulary",
                      "use ids from 0 to " + std::to_string(vocab - 1));
    }
    return {ids.begin(), ids.end()};
}

std::vector<int> checkedLayers(const Params& params, const std::string& option, int layers) {
    std::vector<int> list = params.integers(option);
    for (const int layer : list) {
        if (layer >= 0 && layer < layers) continue;
        throw Failure(ErrorCode::bad_input, params.shown(option), "layer " + std::to_string(layer) + " is not in the model",
                      "use layers from 0 to " + std::to_string(layers - 1));
    }
    return list;
}

}  // namespace airframe

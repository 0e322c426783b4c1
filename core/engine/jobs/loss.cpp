// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/tokenizer.h"
#include "core/supernet/supernet.h"

namespace airframe::jobs {
namespace {

constexpr std::size_t window = 512;
constexpr std::size_t batch = 4;  // windows computed together

/// Sum of the negative log-likelihoods in each of `count` windows of `length` ids that start at `ids`: [count].
at::Tensor windowLosses(const Supernet& supernet, const Placement& placement, const std::int32_t* ids, std::int64_t count,
                        std::int64_t length) {
    const Model& model = supernet.model();
    const at::Tensor input = at::from_blob(const_cast<std::int32_t*>(ids), {count, length}, at::kInt)
                                 .to(at::kLong).to(model.compute().device);
    const at::Tensor h = supernet.forward(input.slice(1, 0, length - 1), placement, nullptr);  // [B, T-1, D]
    const at::Tensor nll = model.nll(h.reshape({-1, h.size(2)}), input.slice(1, 1).reshape({-1}));
    return nll.to(at::kCPU).to(at::kDouble).view({count, length - 1}).sum(1);
}

nlohmann::json run(JobContext& job) {
    const c10::InferenceMode inference;
    const Params& params = job.params;
    const auto study = Study::open(params.path("study"), Study::Mode::read_only);
    const Placement placement = Placement::parse(params.text("placement"), study->model().layers);
    const std::string text = readTextFile(params.path("text"));
    const auto supernet = job.cache.fromStudy(*study, computeOf(params), job.control);
    supernet->check(placement);
    std::vector<std::int32_t> ids = supernet->model().tokenizer().encode(text);
    if (params.has("tokens")) ids.resize(std::min(ids.size(), static_cast<std::size_t>(params.integer("tokens"))));
    if (ids.size() < 2) throw Failure(ErrorCode::bad_input, params.text("text"), "holds fewer than 2 tokens", "use a longer text");

    double sum = 0;
    std::int64_t predictions = 0;
    nlohmann::json windows = nlohmann::json::array();
    for (std::size_t at = 0; ids.size() - at >= 2;) {
        const std::size_t length = std::min(window, ids.size() - at);
        const std::size_t count = length == window ? std::min(batch, (ids.size() - at) / window) : 1;
        const at::Tensor losses = windowLosses(*supernet, placement, ids.data() + at, static_cast<std::int64_t>(count),
                                               static_cast<std::int64_t>(length)).contiguous();
        for (std::size_t i = 0; i < count; ++i) {
            const double loss = losses.data_ptr<double>()[i];
            sum += loss;
            predictions += static_cast<std::int64_t>(length) - 1;
            windows.push_back({{"nll", loss / static_cast<double>(length - 1)}, {"tokens", length - 1}});
        }
        at += count * length;
        Progress progress;
        progress.phase = "loss", progress.unit = "tokens";
        progress.done = static_cast<double>(at), progress.total = static_cast<double>(ids.size());
        job.control.progress(progress);
        if (!job.control.checkpoint()) throw Failure(ErrorCode::interrupted, "loss", "stopped on request; a part of a text has no loss");
    }
    nlohmann::json result = {{"nll", sum / static_cast<double>(predictions)}, {"tokens", predictions}};
    if (params.flag("windows")) result["windows"] = std::move(windows);
    return result;
}

}  // namespace

Operation loss() {
    return {.name = "loss",
            .summary = "Mean negative log-likelihood of a text under a placement",
            .options = joined(
                {studyOption(), placementOption(),
                 {.name = "text", .help = "a UTF-8 text file (.zst is read as text)", .required = true},
                 {.name = "tokens", .kind = OptionKind::integer, .help = "use only the first ids of the text", .low = 2, .high = 1e15},
                 {.name = "windows", .kind = OptionKind::flag, .help = "also the loss of every window, for paired comparisons"}},
                modelOptions("float32")),
            .details = "Disjoint windows of 512 ids, each predicting its ids after the first; a shorter last window counts too. No BOS.",
            .run = run};
}

}  // namespace airframe::jobs

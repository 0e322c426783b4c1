// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/model_file.h"

namespace airframe::jobs {
namespace {

nlohmann::json run(JobContext& job) {
    const auto file = ModelFile::open(job.params.path("MODEL"));
    const ModelConfig& c = file->config();
    nlohmann::json result = {{"format", file->format()}, {"architecture", c.architecture}, {"layers", c.layers},
                             {"hidden", c.hidden},       {"heads", c.heads},               {"kv_heads", c.kv_heads},
                             {"head_dim", c.head_dim},   {"vocab", c.vocab},               {"tied", c.tied},
                             {"parameters", file->parameters()}, {"tensors", file->tensors().size()}, {"bytes", file->bytes()}};
    const Placement own = ownPlacement(*file);
    if (!own.allFull()) result["placement"] = own.text();  // only a hybrid has something to say here
    return result;
}

}  // namespace

Operation inspect() {
    return {.name = "inspect", .summary = "What a model file is, from its header", .options = {modelArgument()}, .run = run};
}

}  // namespace airframe::jobs

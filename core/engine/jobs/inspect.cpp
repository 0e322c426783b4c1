// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/memory_need.h"
#include "core/formats/model_file.h"
#include "core/formats/model_summary.h"
#include "core/formats/native_support.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

json counted(const TensorCount& count) {
    return {{"tensors", count.tensors}, {"parameters", count.parameters}, {"bytes", count.bytes}};
}

json row(const LayerSummary& summary) {
    json out = counted(summary.count);
    out["types"] = summary.typeNames();
    return out;
}

json layerTable(const ModelSummary& summary) {
    json table = json::array();
    for (const LayerSummary& layer : summary.layers) {
        json line = row(layer);
        line["layer"] = table.size();
        line["block"] = layer.block;
        if (layer.window > 0) line["window"] = layer.window;
        table.push_back(std::move(line));
    }
    return table;
}

/// Bytes as whole numbers, which a reader of JSON keeps exactly up to 2^53.
json whole(double bytes) { return bytes < 9e15 ? json(static_cast<std::int64_t>(bytes)) : json(bytes); }

json memory(const ModelFile& file, int context, int batch) {
    json table = json::array();
    for (const ComputeForm form : compute_forms) {
        if (form == ComputeForm::native && !nativeLacks(file.config()).empty()) continue;
        const MemoryNeed need = memoryNeed(file, {form, context, batch});
        json states = json::array();
        for (const double bytes : need.state) states.push_back(whole(bytes));
        table.push_back({{"compute", nameOf(form)}, {"weights_bytes", whole(need.weights)}, {"states_bytes", whole(need.states)},
                         {"activations_bytes", whole(need.activations)}, {"total_bytes", whole(need.total())},
                         {"state_of_layer", std::move(states)}});
    }
    return table;
}

json run(JobContext& job) {
    const auto file = ModelFile::open(job.params.path("MODEL"));
    const ModelConfig& c = file->config();
    const ModelSummary summary = summarise(*file);
    const int context = job.params.has("context") ? job.params.small("context") : std::min(c.context, 4096);
    const int batch = job.params.small("batch");
    json types = json::object();
    for (const auto& [name, count] : summary.total.types) types[name] = counted(count);
    json result = {{"format", file->format()}, {"architecture", c.architecture}, {"layers", c.layers},
                   {"hidden", c.hidden},       {"heads", c.heads},               {"kv_heads", c.kv_heads},
                   {"head_dim", c.head_dim},   {"vocab", c.vocab},               {"tied", c.tied},
                   {"trained_context", c.context}, {"parameters", file->parameters()}, {"tensors", file->tensors().size()},
                   {"bytes", file->bytes()},   {"types", std::move(types)},      {"layer_table", layerTable(summary)},
                   {"outside_layers", row(summary.outside)}, {"context", context}, {"batch", batch},
                   {"memory", memory(*file, context, batch)}};
    if (const std::string lacks = nativeLacks(c); !lacks.empty()) result["native_lacks"] = lacks;
    const Placement own = ownPlacement(*file);
    if (!own.allFull()) result["placement"] = own.text();  // only a hybrid has something to say here
    return result;
}

}  // namespace

Operation inspect() {
    return {.name = "inspect",
            .summary = "What a model file is and what memory it would take, from its header",
            .options = {modelArgument(),
                        {.name = "context", .kind = OptionKind::integer, .help = "tokens of each sequence; the trained context up to 4,096 if not given",
                         .low = 1, .high = 1 << 30},
                        {.name = "batch", .kind = OptionKind::integer, .help = "sequences at once", .fallback = 1, .low = 1, .high = 1 << 20}},
            .details = "No weight is read. Memory is estimated for each --compute: weights, keys and values or recurrent states, and the widest\n"
                       "activations of a step; the program itself (about 0.2 GB) comes on top.",
            .run = run};
}

}  // namespace airframe::jobs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/hf_export.h"

#include <ATen/ATen.h>

#include "core/export/modelling_code.h"
#include "core/formats/hf_config_writer.h"
#include "core/formats/json_file.h"
#include "core/formats/output_file.h"
#include "core/formats/safetensors_shards.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_json.h"
#include "core/formats/tokenizer_folder.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

at::ScalarType storedAs(const LayoutTensor& tensor, const std::string& storage) {
    return storage == "bf16" && tensor.shape.size() > 1 ? at::kBFloat16 : at::kFloat;
}

void writeText(const fs::path& file, std::string_view text) {
    OutputFile out(file.parent_path());
    out.write(text);
    out.commit(file);
}

void writeJson(const fs::path& file, const ordered_json& json) { writeText(file, json.dump(2) + "\n"); }

/// What the base model's folder says about sampling and where texts end, as far as it is of a kind that we know; else what
/// its config says.
ordered_json generationConfig(const Model& model) {
    ordered_json out;
    const fs::path& base = model.file().path();
    const fs::path known = (fs::is_directory(base) ? base : base.parent_path()) / "generation_config.json";
    if (model.file().format() == "safetensors" && fs::exists(known)) {
        const nlohmann::json given = readJsonFile(known);
        for (const char* field : {"bos_token_id", "eos_token_id", "pad_token_id", "do_sample", "temperature", "top_p", "top_k",
                                  "min_p", "repetition_penalty", "max_new_tokens"}) {
            const auto value = given.find(field);
            if (value != given.end() && !value->is_null() && !value->is_string() && !value->is_object()) out[field] = *value;
        }
        return out;
    }
    out["_from_model_config"] = true;
    if (model.config().bos_id >= 0) out["bos_token_id"] = model.config().bos_id;
    if (model.config().eos_id >= 0) out["eos_token_id"] = model.config().eos_id;
    return out;
}

}  // namespace

std::uintmax_t hfWeightBytes(const ExportedModel& model, const std::string& storage) {
    std::uintmax_t sum = 0;
    for (const LayoutTensor& tensor : model.layout()) {
        std::uintmax_t bytes = at::elementSize(storedAs(tensor, storage));
        for (const std::int64_t dim : tensor.shape) bytes *= static_cast<std::uintmax_t>(dim);
        sum += bytes;
    }
    return sum;
}

std::string writeHfFolder(const fs::path& folder, const ExportedModel& model, const std::string& storage,
                          std::uint64_t shard_bytes, RunControl& control) {
    std::vector<SafetensorsSource> sources;
    at::Tensor current;  // keeps the bytes being written alive
    for (const LayoutTensor& tensor : model.layout()) {
        const at::ScalarType type = storedAs(tensor, storage);
        sources.push_back({tensor.name, type == at::kFloat ? "F32" : "BF16", tensor.shape, [&current, &model, tensor, type] {
                               current = model.tensor(tensor).to(type).contiguous();
                               return std::span(static_cast<const std::byte*>(current.const_data_ptr()), current.nbytes());
                           }});
    }
    const SafetensorsFolder weights = writeSafetensorsFolder(folder, sources, shard_bytes, {{"format", "pt"}}, &control);

    const Model& base = model.supernet().model();
    const TokenizerData& tokenizer = base.tokenizer().data();
    writeJson(folder / "config.json", hfConfigJson(model.config(), storage == "bf16" ? "bfloat16" : "float32"));
    writeText(folder / "tokenizer.json", tokenizerJson(tokenizer).dump() + "\n");
    writeJson(folder / "tokenizer_config.json", tokenizerConfigJson(tokenizer, base.file().chatTemplate(), model.config().context));
    writeJson(folder / "generation_config.json", generationConfig(base));
    for (const ModellingFile& file : modellingCode()) writeText(folder / file.name, file.text);
    return weights.sha256;
}

}  // namespace airframe

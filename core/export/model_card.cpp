// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/model_card.h"

#include <cstdio>

namespace airframe {
namespace {

constexpr int schema_version = 1;  // of architecture.json; raise when a field changes its meaning

std::string number(double value, const char* format = "%.4g") {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

void row(std::string& out, const std::string& name, const std::string& value) {
    if (!value.empty()) out += "| " + name + " | " + value + " |\n";
}

std::string quoted(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

/// Names from a file, inside YAML: quoted by JSON's rules, which YAML accepts.
std::string yaml(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

nlohmann::ordered_json architectureJson(const ExportFacts& f) {
    nlohmann::ordered_json out;
    out["schema_version"] = schema_version;
    out["placement"] = f.placement.text();
    out["full_attention_layers"] = f.placement.fullLayers();
    out["layers"] = nlohmann::ordered_json::array();
    for (int i = 0; i < f.placement.size(); ++i) out["layers"].push_back({{"layer", i}, {"block", f.placement[i]}});
    out["block_dims"] = f.config.block_dims;
    out["parameters"] = f.parameters;
    out["storage"] = f.info.storage;
    out["provenance"] = {{"program", std::string("airframe ") + AIRFRAME_VERSION},
                         {"created", f.created},
                         {"study", f.info.study_uuid},
                         {"base_model", f.info.base_name},
                         {"base_file", f.base_file},
                         {"base_sha256", f.info.model_hash},
                         {"base_licence", f.info.base_licence},
                         {"checkpoint_sha256", f.info.checkpoint_hash},
                         {"weights_sha256", f.weights_sha256}};
    out["scores"] = nlohmann::ordered_json::array();
    for (const ExportScore& s : f.info.scores) {
        out["scores"].push_back({{"task", s.task}, {"unit", s.unit}, {"value", s.value}, {"low", s.low}, {"high", s.high},
                                 {"items", s.items}});
    }
    out["check"] = {{"max_logit_difference", f.max_logit_difference}, {"tokens", f.checked_tokens}};
    return out;
}

std::string modelCard(const ExportFacts& f) {
    const int full = static_cast<int>(f.placement.fullLayers().size());
    std::string out = "---\n";
    if (!f.info.base_licence.empty()) out += "license: " + yaml(f.info.base_licence) + "\n";
    if (!f.info.base_name.empty()) out += "base_model: " + yaml(f.info.base_name) + "\n";
    out += "tags: [airframe, hybrid-attention, linear-attention]\n---\n\n";
    out += "# " + (f.info.base_name.empty() ? std::string("A hybrid model") : f.info.base_name + ", hybrid") + "\n\n";
    out += "A language model with " + std::to_string(full) + " full-attention layers of " + std::to_string(f.placement.size()) +
           ", made by replacing the other layers' attention with linear token mixers that were trained to give the same outputs.\n"
           "Embeddings, norms and MLPs are those of the base model.\n\n";
    out += "Placement: " + quoted(f.placement.text()) + "\n\n";
    for (const auto& [id, dims] : f.config.block_dims) {
        out += "Dimensions of " + quoted(id) + ":";
        for (const auto& [name, value] : dims) out += " " + name + " " + std::to_string(value) + ";";
        out.back() = '\n';
        out += "\n";
    }
    if (!f.info.scores.empty()) {
        out += "## Scores\n\n| task | score | 95 % interval | items |\n|---|---|---|---|\n";
        for (const ExportScore& s : f.info.scores) {
            out += "| " + s.task + " | " + number(s.value) + " " + s.unit + " | " + number(s.low) + " to " + number(s.high) + " | " +
                   std::to_string(s.items) + " |\n";
        }
        out += "\n";
    }
    out += "## Provenance\n\n| | |\n|---|---|\n";
    row(out, "base model", f.info.base_name);
    row(out, "base file", quoted(f.base_file));
    row(out, "base file, SHA-256", quoted(f.info.model_hash));
    row(out, "licence of the base model", f.info.base_licence);
    row(out, "trained mixers, SHA-256", quoted(f.info.checkpoint_hash));
    row(out, "study", quoted(f.info.study_uuid));
    row(out, "`model.safetensors`, SHA-256", quoted(f.weights_sha256));
    row(out, "parameters", std::to_string(f.parameters));
    row(out, "matrices stored as", f.info.storage);
    row(out, "written by", std::string("airframe ") + AIRFRAME_VERSION + ", " + f.created);
    out += "\nBefore this folder was put in its place it was reloaded, and its logits on " + std::to_string(f.checked_tokens) +
           " tokens were compared with those of the model in memory: the largest difference is " +
           number(f.max_logit_difference, "%.3g") + ".\n";
    out += "\n## Use\n\n`airframe-engine generate FOLDER --prompt \"...\" --chat --tokens 64 --json`\n\n"
           "Tensor names are those of Hugging Face and of the published Jet-Nemotron layers, but `model_type` is `airframe`:\n"
           "other programs need code for it. `architecture.json` describes every layer.\n";
    return out;
}

}  // namespace airframe

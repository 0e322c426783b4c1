// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/model_card.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace airframe {
namespace {

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

std::string heading(const ArchitectureFile& a) {
    std::string out = "---\n";
    if (!a.base_licence.empty()) out += "license: " + yaml(a.base_licence) + "\n";
    if (!a.base_model.empty()) out += "base_model: " + yaml(a.base_model) + "\n";
    out += "library_name: transformers\npipeline_tag: text-generation\n";
    out += "tags: [airframe, hybrid-attention, linear-attention]\n---\n\n";
    const bool hybrid = !a.placement.allFull();
    out += "# " + (a.base_model.empty() ? std::string("A language model") : a.base_model) + (hybrid ? ", hybrid" : "") + "\n\n";
    if (!hybrid) return out + "The base model's own architecture: every layer is attention.\n\n";
    const int full = static_cast<int>(a.placement.fullLayers().size());
    return out + "A language model with " + std::to_string(full) + " full-attention layers of " + std::to_string(a.placement.size()) +
           ", made by replacing the other layers' attention with token mixers that were trained to give the same outputs.\n"
           "Embeddings, norms and MLPs are those of the base model.\n\n";
}

std::string scores(const ArchitectureFile& a) {
    if (a.scores.empty()) return {};
    std::string out = "## Scores\n\n| task | score | 95 % interval | items |\n|---|---|---|---|\n";
    for (const ArchitectureScore& s : a.scores) {
        out += "| " + s.task + " | " + number(s.value) + " " + s.unit + " | " + number(s.low) + " to " + number(s.high) + " | " +
               std::to_string(s.items) + " |\n";
    }
    return out + "\n";
}

std::string provenance(const ArchitectureFile& a) {
    std::string out = "## Provenance\n\n| | |\n|---|---|\n";
    row(out, "base model", a.base_model);
    row(out, "base file", quoted(a.base_file));
    row(out, "base file, SHA-256", quoted(a.base_sha256));
    row(out, "licence of the base model", a.base_licence);
    row(out, "trained mixers, SHA-256", quoted(a.checkpoint_sha256));
    row(out, "study", quoted(a.study));
    row(out, "weights, SHA-256", quoted(a.weights_sha256));
    row(out, "parameters", std::to_string(a.parameters));
    row(out, "matrices stored as", a.storage);
    row(out, "written by", a.program + ", " + a.created);
    return out + "\nBefore this folder was put in its place it was reloaded: every stored value was compared with its source, and the\n"
                 "logits on " + std::to_string(a.checked_tokens) + " tokens with those of the model in memory. The largest difference of a logit is " +
           number(a.max_logit_difference, "%.3g") + ".\n\n";
}

std::string use(const ModelConfig& config) {
    std::string out = "## Use\n\n```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
                      "model = AutoModelForCausalLM.from_pretrained(\"FOLDER\", trust_remote_code=True)\n"
                      "tokenizer = AutoTokenizer.from_pretrained(\"FOLDER\")\n"
                      "ids = tokenizer(\"Once upon a time\", return_tensors=\"pt\")\n"
                      "print(tokenizer.decode(model.generate(**ids, max_new_tokens=48)[0]))\n```\n\n"
                      "or, with the kernels it was made for, `airframe-engine generate FOLDER --prompt \"...\" --chat --tokens 64`.\n\n"
                      "The Python files are plain PyTorch and need transformers alone. Pad batches on the left.\n";
    out += config.architecture == "jet_nemotron"
               ? "`config.json` and the tensors have the form in which Jet-Nemotron was released (`model_type` `jet_nemotron`).\n"
               : "Tensor names are those of Hugging Face and of the published Jet-Nemotron layers; `model_type` is `airframe`.\n";
    return out + "`architecture.json` describes every layer.\n\n## Licence\n\n"
                 "The weights are under the licence of the base model, the Python files under GPL-3.0-or-later.\n";
}

}  // namespace

std::string modelCard(const ArchitectureFile& about, const ModelConfig& config) {
    std::string out = heading(about) + "Placement: " + quoted(about.placement.text()) + "\n\n";
    for (const auto& [id, dims] : about.block_dims) {
        out += "Dimensions of " + quoted(id) + ":";
        for (const auto& [name, value] : dims) out += " " + name + " " + std::to_string(value) + ";";
        out.back() = '\n';
        out += "\n";
    }
    return out + scores(about) + provenance(about) + use(config);
}

}  // namespace airframe

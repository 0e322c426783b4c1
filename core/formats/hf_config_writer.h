// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/model_config.h"

namespace airframe {

/// Whether config.json can say what this model is in the words of the released Jet-Nemotron files (model_type
/// "jet_nemotron"): blocks attn, swa and jet on a base model like Qwen2 (biases of q, k and v, nothing else beside them), and
/// JetBlock sizes that its expand_v and dconv_generator_reduction give.
[[nodiscard]] bool isJetNemotron(const ModelConfig& config);

/// The inverse of readHfConfig(), for our exporter: a config that it reads back equal. `torch_dtype` is "float32" or
/// "bfloat16". Architecture "jet_nemotron" is written as released, everything else as "airframe", whose fields
/// core/export/README.md describes. Throws Failure(internal) if the architecture is "jet_nemotron" and isJetNemotron() says no.
[[nodiscard]] nlohmann::ordered_json hfConfigJson(const ModelConfig& config, const std::string& torch_dtype);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/model_config.h"

namespace airframe {

/// Reads config.json of a Hugging Face folder: model_type "llama", or "airframe" (a hybrid of our exporter, with layer_types
/// and block_dims). Every field is checked; what would change the computation and is not supported is refused, never passed
/// over. Throws Failure(bad_input) naming file and field.
[[nodiscard]] ModelConfig readHfConfig(const std::filesystem::path& file);

/// The inverse, for our exporter: a config that readHfConfig() reads back equal. `torch_dtype` is "float32" or "bfloat16".
[[nodiscard]] nlohmann::ordered_json hfConfigJson(const ModelConfig& config, const std::string& torch_dtype);

}  // namespace airframe

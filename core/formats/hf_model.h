// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/formats/model_file.h"

namespace airframe {

/// A Hugging Face folder (config.json with model.safetensors, or with model.safetensors.index.json and its shards), or one
/// .safetensors file with a config.json beside it. Checked completely; a tokenizer.json that is there must be readable.
/// Throws Failure(bad_input).
[[nodiscard]] std::unique_ptr<ModelFile> openHfModel(const std::filesystem::path& path);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/formats/model_config.h"

namespace airframe {

/// Reads config.json of a Hugging Face folder, by its model_type: a row of the table in hf_config.cpp. Every field is checked;
/// what would change the computation and is not supported is refused, never passed over. Throws Failure(bad_input) naming
/// file and field.
[[nodiscard]] ModelConfig readHfConfig(const std::filesystem::path& file);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace airframe {

/// What a person calls the model at this path. A folder: its name, dots and all ("Qwen2.5-1.5B"), and in the hub's cache
/// ("models--ORG--NAME/snapshots/REVISION") NAME. A file: its name without ending and number of the part; safetensors files are
/// all called "model", so they have their folder's. Looks at the path alone, so that a model that is gone keeps its name.
[[nodiscard]] std::string modelName(const std::filesystem::path& path);

}  // namespace airframe

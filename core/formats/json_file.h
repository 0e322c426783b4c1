// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/json_object.h"

namespace airframe {

/// parseJsonObject() of a whole file, which must be there and must not be empty.
[[nodiscard]] nlohmann::json readJsonFile(const std::filesystem::path& path);

}  // namespace airframe

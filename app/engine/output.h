// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace airframe {

/// One JSON document and a newline; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string jsonText(nlohmann::json data);
/// Writes all of `text` to standard output. Error(no_room) when the disk is full, Error(bad_input) otherwise.
Result<bool> writeOut(const std::string& text);

}  // namespace airframe

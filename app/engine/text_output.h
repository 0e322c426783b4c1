// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace airframe {

/// What a command prints for people: its --json document as short lines or a table. `streamed`: generated text was
/// already written.
[[nodiscard]] std::string plainText(const std::string& operation, const nlohmann::json& data, bool streamed);

}  // namespace airframe

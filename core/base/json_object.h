// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace airframe {

/// Strict JSON from outside: an object at the top, well-formed UTF-8, at most 64 levels deep, no key twice in an object, no
/// NaN or infinity (bare or through overflow). Throws Failure(bad_input, where).
[[nodiscard]] nlohmann::json parseJsonObject(std::string_view text, const std::string& where);

}  // namespace airframe

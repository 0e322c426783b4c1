// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// A value that a template is given, in Python's types. Throws Trouble for numbers beyond 64 bits, and for whatever the
/// budget does not allow.
[[nodiscard]] Value fromJson(Budget& budget, const nlohmann::ordered_json& json);

}  // namespace airframe::jinja

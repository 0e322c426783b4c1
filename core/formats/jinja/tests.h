// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/formats/jinja/callable.h"

namespace airframe::jinja {

using TestFunction = bool (*)(Evaluator& evaluator, const Value& input, const Arguments& arguments);

/// The test of that name, what stands after `is` (https://jinja.palletsprojects.com/en/stable/templates/#builtin-tests);
/// nullptr if it is unknown.
[[nodiscard]] TestFunction findTest(std::string_view name);

}  // namespace airframe::jinja

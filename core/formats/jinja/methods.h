// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/formats/jinja/callable.h"
#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// One method of Python's str, dict, list or tuple that templates use.
struct MethodRow {
    std::string_view name;
    Value (*run)(Evaluator& evaluator, const Value& self, const Arguments& arguments);
};

/// The method of the value's type; nullptr if it has none of that name.
[[nodiscard]] const MethodRow* findMethod(const Value& object, std::string_view name);
/// `object.method` before it is called.
[[nodiscard]] Value boundMethod(const Value& object, const MethodRow& method);

/// The tables, by type (methods_text.cpp, methods.cpp).
[[nodiscard]] const MethodRow* findTextMethod(std::string_view name);

}  // namespace airframe::jinja

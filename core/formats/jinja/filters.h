// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/formats/jinja/callable.h"

namespace airframe::jinja {

using FilterFunction = Value (*)(Evaluator& evaluator, const Value& input, const Arguments& arguments);

struct FilterRow {
    std::string_view name;
    FilterFunction run;
};

/// The filter of that name (https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters); nullptr if it is none
/// that chat templates use. Filters that give one item after another in Python give a generator here.
[[nodiscard]] FilterFunction findFilter(std::string_view name);

/// The tables by what they work on (filters_text.cpp, filters_sequence.cpp, filters_choice.cpp).
[[nodiscard]] FilterFunction findTextFilter(std::string_view name);
[[nodiscard]] FilterFunction findSequenceFilter(std::string_view name);
[[nodiscard]] FilterFunction findChoiceFilter(std::string_view name);

}  // namespace airframe::jinja

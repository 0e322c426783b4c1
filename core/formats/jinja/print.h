// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// Python's str(): what {{ }} prints. Throws Trouble for what has no text that means anything (functions, generators).
[[nodiscard]] std::string printed(Budget& budget, const Value& value);
/// Python's repr(): how a value looks inside a printed list.
[[nodiscard]] std::string represented(Budget& budget, const Value& value);

/// How json.dumps() writes, with ensure_ascii=False, as the published chat templates expect of tojson.
struct JsonStyle {
    std::string indent;  ///< one level; only used with `lines`
    bool lines = false;
    std::string item_separator = ", ", key_separator = ": ";
    bool sort_keys = false;
    bool ascii = false;  ///< other characters as \u escapes
};
/// Throws Trouble for a value that JSON has no form for.
[[nodiscard]] std::string jsonText(Budget& budget, const Value& value, const JsonStyle& style);

}  // namespace airframe::jinja

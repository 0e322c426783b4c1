// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace airframe::jinja {

/// What a string literal means whose inside (between the quotes) is `literal`: Python's escapes resolved. Throws Trouble with
/// `line` for an escape that is broken, gives no character, or needs the table of character names.
[[nodiscard]] std::string unescaped(std::string_view literal, int line);

}  // namespace airframe::jinja

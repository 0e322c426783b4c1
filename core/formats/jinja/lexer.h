// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace airframe::jinja {

struct Token {
    enum class Kind { data, output_begin, output_end, block_begin, block_end, name, string, integer, real, sign, end };
    Kind kind;
    std::string text;  ///< of a string, with its escapes resolved; of a sign "==", "(", ...
    int line;          ///< of the template, from 1
};

/// Cuts a template into tokens, the last of which is an `end`. White space around tags goes as trim_blocks and
/// lstrip_blocks say, which is how chat templates are meant to be read, and as "-" and "+" in the tags say. One newline at
/// the end of the template is dropped; all newlines become "\n". Throws Trouble with the line.
/// Grammar: https://jinja.palletsprojects.com/en/stable/templates/
[[nodiscard]] std::vector<Token> tokenise(std::string_view source);

}  // namespace airframe::jinja

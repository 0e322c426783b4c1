// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/string_literal.h"

#include <charconv>

#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// Characters of single-letter escapes, and what they become.
constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";

/// Reads exactly `size` hexadecimal digits at `at`.
char32_t hexadecimal(std::string_view literal, std::size_t at, std::size_t size, int line) {
    unsigned code = 0;
    if (at + size <= literal.size()) {
        const char* begin = literal.data() + at;
        const auto [end, error] = std::from_chars(begin, begin + size, code, 16);
        const bool character = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        if (error == std::errc{} && end == begin + size && character) return code;
    }
    throw Trouble("the escape \"\\" + std::string(literal.substr(at - 1, 1)) + "\" of a string gives no character", line);
}

}  // namespace

std::string unescaped(std::string_view literal, int line) {
    std::string out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\' || i + 1 == literal.size()) {
            out += literal[i];
            continue;
        }
        const char c = literal[++i];
        if (const std::size_t known = letters.find(c); known != std::string_view::npos) {
            out += meanings[known];
        } else if (c == 'x' || c == 'u' || c == 'U') {
            const std::size_t size = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            out += text::encode(hexadecimal(literal, i + 1, size, line));
            i += size;
        } else if (c >= '0' && c <= '7') {
            char32_t code = 0;
            std::size_t size = 0;
            for (; size < 3 && i + size < literal.size() && literal[i + size] >= '0' && literal[i + size] <= '7'; ++size) {
                code = code * 8 + static_cast<char32_t>(literal[i + size] - '0');
            }
            out += text::encode(code);
            i += size - 1;
        } else if (c == 'N') {
            throw Trouble("strings with characters by name (\\N) are not supported", line);
        } else if (c != '\n') {  // a newline after a backslash is nothing
            out += '\\';
            out += c;
        }
    }
    return out;
}

}  // namespace airframe::jinja

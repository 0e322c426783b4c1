// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace airframe::jinja {

/// Python's methods of str on well-formed UTF-8. Positions and lengths count characters (code points), not bytes.
/// Nothing here fails; whoever calls pays the Budget.
namespace text {

[[nodiscard]] std::size_t length(std::string_view text);
/// Byte offset of the character `index`, at most the size.
[[nodiscard]] std::size_t offset(std::string_view text, std::size_t index);
[[nodiscard]] std::vector<std::string_view> characters(std::string_view text);
/// The code point that `text` begins with; `size` becomes its bytes. The text must not be empty.
[[nodiscard]] char32_t first(std::string_view text, std::size_t& size);
[[nodiscard]] std::string encode(char32_t code);

[[nodiscard]] bool isSpace(char32_t code);      ///< str.isspace() of one character
[[nodiscard]] bool isPrintable(char32_t code);  ///< str.isprintable() of one character

enum class Side { left, right, both };
/// str.strip(), lstrip(), rstrip() of white space.
[[nodiscard]] std::string_view strip(std::string_view text, Side side = Side::both);
/// The same of any of `characters`.
[[nodiscard]] std::string_view strip(std::string_view text, Side side, std::string_view characters);

/// Byte offset of the first `part` at or after `from`, or npos. Takes time in proportion to the text whatever the two are.
[[nodiscard]] std::size_t find(std::string_view text, std::string_view part, std::size_t from = 0);
[[nodiscard]] std::size_t findLast(std::string_view text, std::string_view part);

/// str.split(separator, limit), rsplit with `from_right`; at most `limit` cuts, any number if it is negative.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::string_view separator, std::int64_t limit,
                                                  bool from_right);
/// str.split(None, limit), rsplit: at runs of white space.
[[nodiscard]] std::vector<std::string_view> splitSpace(std::string_view text, std::int64_t limit, bool from_right);
/// str.splitlines(), or as many lines as come first.
[[nodiscard]] std::vector<std::string_view> splitLines(std::string_view text, std::size_t most, bool keep_ends = false);
/// Non-overlapping occurrences of `part`, which for an empty part are length + 1.
[[nodiscard]] std::size_t count(std::string_view text, std::string_view part);
/// str.replace(from, to, limit).
[[nodiscard]] std::string replace(std::string_view text, std::string_view from, std::string_view to, std::int64_t limit);

/// Case mappings, character by character: those of Unicode that give one character, and ß -> SS.
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string capitalize(std::string_view text);
[[nodiscard]] std::string title(std::string_view text);        ///< str.title(): each run of letters
[[nodiscard]] std::string titleWords(
    std::string_view text);  ///< Jinja's filter: each word after a space, hyphen or opening bracket

/// Characters satisfy a property all together, as Python's is...() say: true only for a text that is not empty.
[[nodiscard]] bool allSpace(std::string_view text);
[[nodiscard]] bool allDigits(std::string_view text);  ///< decimal digits of any script
[[nodiscard]] bool allLetters(std::string_view text);
[[nodiscard]] bool allAlphanumeric(std::string_view text);
/// islower() and isupper(): at least one cased character and none of the other case.
[[nodiscard]] bool isLower(std::string_view text);
[[nodiscard]] bool isUpper(std::string_view text);

}  // namespace text
}  // namespace airframe::jinja

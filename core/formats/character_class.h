// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace airframe {

/// What the cutting of text distinguishes: Unicode's categories L*, N* and the property White_Space.
enum class CharacterClass : std::uint8_t { letter, number, space, other };

/// Of any code point. White_Space is written out: it is 25 characters, and no category is the same set.
[[nodiscard]] inline CharacterClass characterClass(std::int32_t c) {
    switch (utf8proc_category(c)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO: return CharacterClass::letter;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return CharacterClass::number;
        default: break;
    }
    const bool space = (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    return space ? CharacterClass::space : CharacterClass::other;
}

/// A character at a place in a text.
struct TextCharacter {
    std::uint8_t length;  ///< in bytes
    CharacterClass type;
};

/// The classes of ASCII, looked up without a call.
inline const std::array<CharacterClass, 128> ascii_classes = [] {
    std::array<CharacterClass, 128> table{};
    for (std::int32_t c = 0; c < 128; ++c) table[static_cast<std::size_t>(c)] = characterClass(c);
    return table;
}();

/// Bytes of the character that begins with this byte of well-formed UTF-8.
[[nodiscard]] inline std::size_t utf8Length(char lead) {
    const auto b = static_cast<unsigned char>(lead);
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
}

/// The code point at `at` of well-formed UTF-8.
[[nodiscard]] inline std::int32_t codePointAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::int32_t>(static_cast<unsigned char>(text[at + i])); };
    switch (utf8Length(text[at])) {
        case 1: return byte(0);
        case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        default: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    }
}

/// `text` is well-formed UTF-8 and `at` the beginning of a character in it.
[[nodiscard]] inline TextCharacter characterAt(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) return {1, ascii_classes[lead]};
    return {static_cast<std::uint8_t>(utf8Length(text[at])), characterClass(codePointAt(text, at))};
}

}  // namespace airframe

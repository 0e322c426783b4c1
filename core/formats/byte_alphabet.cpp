// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/byte_alphabet.h"

#include <cstdint>

namespace airframe {
namespace {

std::string utf8Below800(std::uint32_t c) {
    if (c < 0x80) return std::string(1, static_cast<char>(c));
    return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

}  // namespace

const std::array<std::string, 256>& byteCharacters() {
    static const std::array<std::string, 256> table = [] {
        std::array<std::string, 256> result;
        std::uint32_t next = 0x100;
        for (std::uint32_t b = 0; b < 256; ++b) {
            const bool visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            result[b] = utf8Below800(visible ? b : next++);
        }
        return result;
    }();
    return table;
}

void appendBytesOf(std::string_view text, std::string& out) {
    // All characters of the alphabet lie below U+0144, so one array finds them all.
    static const std::array<int, 0x144> byte_of = [] {
        std::array<int, 0x144> result;
        result.fill(-1);
        for (int b = 0; b < 256; ++b) {
            const std::string& c = byteCharacters()[static_cast<std::size_t>(b)];
            const auto u = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
            result[c.size() == 1 ? u(0) : (u(0) & 0x1Fu) << 6 | (u(1) & 0x3Fu)] = b;
        }
        return result;
    }();
    for (std::size_t i = 0; i < text.size();) {
        const auto u = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
        std::size_t length = 1;
        std::uint32_t c = u(i);
        if ((c & 0xE0) == 0xC0 && i + 1 < text.size()) {
            c = (c & 0x1F) << 6 | (u(i + 1) & 0x3F);
            length = 2;
        } else if (c >= 0x80) {
            while (i + length < text.size() && (u(i + length) & 0xC0) == 0x80) ++length;
            c = 0xFFFF;
        }
        if (c < byte_of.size() && byte_of[c] >= 0) {
            out += static_cast<char>(byte_of[c]);
        } else {
            out.append(text.substr(i, length));
        }
        i += length;
    }
}

}  // namespace airframe

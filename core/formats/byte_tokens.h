// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "core/formats/text_index.h"

namespace airframe {

/// SentencePiece's text of the token for a byte: "<0x0A>".
[[nodiscard]] inline std::string byteTokenText(unsigned byte) {
    char text[8];
    std::snprintf(text, sizeof text, "<0x%02X>", byte & 0xFFu);
    return text;
}

/// [256] ids of the tokens for bytes; -1 where the vocabulary has none.
[[nodiscard]] inline std::array<std::int32_t, 256> byteTokenIds(const TextIndex& index) {
    std::array<std::int32_t, 256> ids{};
    for (unsigned b = 0; b < 256; ++b) ids[b] = index.find(byteTokenText(b));
    return ids;
}

/// The byte that such a text means, or -1.
[[nodiscard]] inline int byteOfToken(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
    const int high = digit(text[3]), low = digit(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// SentencePiece's sign for a space, U+2581.
inline constexpr std::string_view space_mark = "\u2581";

/// Whether a mark that follows another character always begins a token: some token is the mark alone, and none has a mark
/// behind anything but marks. Then a text may be cut there without changing its tokens, which cannot lie across the cut.
[[nodiscard]] inline bool marksBeginTokens(const std::vector<std::string>& tokens) {
    bool alone = false;
    for (const std::string& token : tokens) {
        alone = alone || token == space_mark;
        std::size_t at = 0;
        while (std::string_view(token).substr(at).starts_with(space_mark)) at += space_mark.size();
        if (token.find(space_mark, at) != std::string::npos) return false;
    }
    return alone;
}

/// The next mark of `text` after `at` that follows another character, or the end.
[[nodiscard]] inline std::size_t nextMark(std::string_view text, std::size_t at) {
    while (text.substr(at).starts_with(space_mark)) at += space_mark.size();
    return std::min(text.find(space_mark, at), text.size());
}

}  // namespace airframe

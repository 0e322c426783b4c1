// SPDX-License-Identifier: GPL-3.0-or-later
// The alternatives of the expressions in word_scanner.h, in their order, decided by the first one or two characters.
#include "core/formats/word_scanner.h"

#include "core/formats/character_class.h"

namespace airframe {
namespace {

using enum CharacterClass;

/// End of the run of characters of class `type` from `at`.
std::size_t runEnd(std::string_view text, std::size_t at, CharacterClass type) {
    while (at < text.size()) {
        const TextCharacter c = characterAt(text, at);
        if (c.type != type) break;
        at += c.length;
    }
    return at;
}

/// A run of white space and where its last character begins.
struct SpaceRun {
    std::size_t last, end;
    std::size_t after_newline;  ///< behind the last CR or LF of the run; 0 if there is none
};

SpaceRun spaceRun(std::string_view text, std::size_t at) {
    SpaceRun run{at, at, 0};
    while (run.end < text.size()) {
        const TextCharacter c = characterAt(text, run.end);
        if (c.type != space) break;
        if (text[run.end] == '\n' || text[run.end] == '\r') run.after_newline = run.end + 1;
        run.last = run.end;
        run.end += c.length;
    }
    return run;
}

/// \s+(?!\S)|\s+ : the last space before something else belongs to that, unless it is the only one.
std::size_t spaceEnd(std::string_view text, std::size_t at, const SpaceRun& run) {
    return run.end == text.size() || run.last == at ? run.end : run.last;
}

/// Bytes of 's 't 're 've 'm 'll 'd at `at`, else 0. Without regard to case, U+017F is an s (Unicode's simple case folding).
template <bool any_case>
std::size_t contraction(std::string_view text, std::size_t at) {
    const auto letter = [&](std::size_t i) -> char {
        if (at + i >= text.size()) return '\0';
        const char c = text[at + i];
        return any_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    };
    switch (letter(1)) {
        case 's':
        case 't':
        case 'm':
        case 'd': return 2;
        case 'r':
        case 'v': return letter(2) == 'e' ? 3 : 0;
        case 'l': return letter(2) == 'l' ? 3 : 0;
        default: return any_case && text.substr(at + 1).starts_with("\u017F") ? 3 : 0;
    }
}

std::size_t gpt2(std::string_view text, std::size_t at) {
    if (text[at] == '\'') {
        if (const std::size_t length = contraction<false>(text, at)) return at + length;
    }
    std::size_t from = at;
    TextCharacter c = characterAt(text, at);
    if (text[at] == ' ' && at + 1 < text.size()) {
        const TextCharacter next = characterAt(text, at + 1);
        if (next.type != space) {
            from = at + 1;
            c = next;
        }
    }
    if (c.type != space) return runEnd(text, from + c.length, c.type);
    return spaceEnd(text, at, spaceRun(text, at));
}

template <int most_digits>
std::size_t withNewlines(std::string_view text, std::size_t at) {
    if (text[at] == '\'') {
        if (const std::size_t length = contraction<true>(text, at)) return at + length;
    }
    const TextCharacter c = characterAt(text, at);
    std::size_t next = at + c.length;
    if (c.type == letter) return runEnd(text, next, letter);
    if (c.type == number) {
        for (int digits = 1; digits < most_digits && next < text.size(); ++digits) {
            const TextCharacter more = characterAt(text, next);
            if (more.type != number) break;
            next += more.length;
        }
        return next;
    }
    const bool newline = text[at] == '\n' || text[at] == '\r';
    const TextCharacter follower = next < text.size() ? characterAt(text, next) : TextCharacter{0, space};
    if (!newline && follower.type == letter) return runEnd(text, next + follower.length, letter);
    if (c.type == other || (text[at] == ' ' && follower.type == other)) {
        std::size_t end = runEnd(text, next, other);
        while (end < text.size() && (text[end] == '\n' || text[end] == '\r')) ++end;
        return end;
    }
    const SpaceRun run = spaceRun(text, at);
    return run.after_newline ? run.after_newline : spaceEnd(text, at, run);
}

}  // namespace

WordScanner wordScanner(std::string_view expression) {
    if (expression == gpt2_expression) return &gpt2;
    if (expression == qwen2_expression) return &withNewlines<1>;
    if (expression == llama3_expression) return &withNewlines<3>;
    return nullptr;
}

}  // namespace airframe

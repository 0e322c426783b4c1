// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/added_tokens.h"

#include "core/formats/character_class.h"

namespace airframe {
namespace {

/// Unicode's word characters: alphabetic, marks, decimal numbers, connectors, joiners (UTS #18, annex C).
bool isWord(std::int32_t c) {
    switch (utf8proc_category(c)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
        case UTF8PROC_CATEGORY_PC: return true;
        default: break;
    }
    // The joiners, and the letters in circles and squares, which are symbols by category and alphabetic all the same.
    return c == 0x200C || c == 0x200D || (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
           (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

/// Where the character before `at` begins.
std::size_t previous(std::string_view text, std::size_t at) {
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    return at;
}

}  // namespace

AddedTokens::AddedTokens(const TokenizerData& data, bool normalized, const Normalizer& normalizer) {
    std::string storage;
    auto rules = data.added.begin();
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const auto id = static_cast<std::int32_t>(i);
        while (rules != data.added.end() && rules->id < id) ++rules;
        const AddedToken rule = rules != data.added.end() && rules->id == id ? *rules : AddedToken{.id = id};
        const bool control = data.types[i] == 3;
        if ((!control && data.types[i] != 4) || rule.normalized != normalized) continue;
        const std::string_view text = normalized ? normalizer.normalize(data.tokens[i], storage) : std::string_view(data.tokens[i]);
        if (text.empty()) continue;
        m_texts.add(text, static_cast<std::int32_t>(m_entries.size()));
        m_entries.push_back({rule, control});
    }
}

bool AddedTokens::standsAlone(std::string_view text, std::size_t begin, std::size_t end) const {
    return (begin == 0 || !isWord(codePointAt(text, previous(text, begin)))) &&
           (end == text.size() || !isWord(codePointAt(text, end)));
}

std::optional<AddedTokens::Found> AddedTokens::find(std::string_view text, std::size_t from, bool control) const {
    if (empty()) return std::nullopt;
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!m_texts.startsWith(text[at])) continue;
        const Entry* best = nullptr;
        std::size_t length = 0;
        m_texts.match(text, at, [&](std::int32_t entry, std::size_t size) {
            const Entry& candidate = m_entries[static_cast<std::size_t>(entry)];
            if (candidate.control && !control) return;
            best = &candidate;
            length = size;
        });
        if (!best) continue;
        Found found{at, at + length, best->rules.id};
        if (best->rules.single_word && !standsAlone(text, found.begin, found.end)) {
            at += length - 1;
            continue;
        }
        if (best->rules.lstrip) {
            while (found.begin > from) {
                const std::size_t before = previous(text, found.begin);
                if (characterAt(text, before).type != CharacterClass::space) break;
                found.begin = before;
            }
        }
        if (best->rules.rstrip) {
            while (found.end < text.size()) {
                const TextCharacter next = characterAt(text, found.end);
                if (next.type != CharacterClass::space) break;
                found.end += next.length;
            }
        }
        return found;
    }
    return std::nullopt;
}

}  // namespace airframe

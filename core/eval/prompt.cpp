// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/prompt.h"

#include <algorithm>

namespace airframe {

Prompt::Prompt(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {
    if (tokenizer.data().add_bos) m_choice.ids.push_back(tokenizer.data().bos_id);
}

void Prompt::append(std::string_view text) {
    const auto ids = m_tokenizer.encode(text, false);
    const auto skip = m_tokenizer.data().add_bos ? 1 : 0;  // encode puts one before every piece
    m_choice.ids.insert(m_choice.ids.end(), ids.begin() + skip, ids.end());
}

Prompt& Prompt::say(std::string_view text) {
    append(text);
    return *this;
}

Prompt& Prompt::answer(std::string_view text) {
    const int begin = static_cast<int>(m_choice.ids.size());
    append(text);
    m_choice.scored.push_back({begin, static_cast<int>(m_choice.ids.size())});
    return *this;
}

Item Prompt::item() const {
    Item item;
    item.choices.push_back(m_choice);
    if (m_choice.scored.size() < 2) return item;
    Choice wrong = m_choice;
    const auto tokens = [this](std::size_t question) {
        const ScoredRange range = m_choice.scored[question];
        return std::vector<std::int32_t>(m_choice.ids.begin() + range.begin, m_choice.ids.begin() + range.end);
    };
    for (std::size_t i = 0; i < m_choice.scored.size(); ++i) {
        const auto own = tokens(i);
        auto other = own;
        for (std::size_t step = 1; step < m_choice.scored.size() && other == own; ++step) {
            auto candidate = tokens((i + step) % m_choice.scored.size());
            if (candidate.size() == own.size()) other = std::move(candidate);
        }
        wrong.targets.insert(wrong.targets.end(), other.begin(), other.end());
    }
    item.choices.push_back(std::move(wrong));
    return item;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/score_merges.h"

#include <algorithm>
#include <tuple>

#include "core/formats/character_class.h"

namespace airframe {

std::vector<ScoreMerge> scoreMerges(const TokenizerData& data, const TextIndex& index) {
    const auto mergeable = [&](std::int32_t id) {
        const int type = id < 0 ? 0 : data.types[static_cast<std::size_t>(id)];
        return type == 1 || type == 4 || type == 5;
    };
    const auto score = [&](std::int32_t id) { return data.scores[static_cast<std::size_t>(id)]; };
    std::vector<std::int32_t> by_score;
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(data.tokens.size()); ++id) {
        if (mergeable(id)) by_score.push_back(id);
    }
    std::stable_sort(by_score.begin(), by_score.end(), [&](std::int32_t a, std::int32_t b) { return score(a) > score(b); });
    std::vector<ScoreMerge> merges;
    std::int32_t rank = 0;
    for (std::size_t i = 0; i < by_score.size(); ++i) {
        if (i > 0 && score(by_score[i]) != score(by_score[i - 1])) ++rank;
        const std::string_view text = data.tokens[static_cast<std::size_t>(by_score[i])];
        const auto first = static_cast<std::ptrdiff_t>(merges.size());
        for (std::size_t cut = text.empty() ? 0 : utf8Length(text[0]); cut < text.size(); cut += utf8Length(text[cut])) {
            const std::int32_t left = index.find(text.substr(0, cut)), right = index.find(text.substr(cut));
            if (mergeable(left) && mergeable(right)) merges.push_back({left, right, by_score[i], rank});
        }
        std::sort(merges.begin() + first, merges.end(), [](const ScoreMerge& a, const ScoreMerge& b) {
            return std::tie(a.left, a.right) < std::tie(b.left, b.right);
        });
    }
    return merges;
}

}  // namespace airframe

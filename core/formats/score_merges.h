// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/formats/text_index.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Two tokens that make a third in SentencePiece's BPE.
struct ScoreMerge {
    std::int32_t left, right, result;
    std::int32_t rank;  ///< place of the result's score among all scores, from 0 for the best; equal scores, equal rank
};

/// Every way to cut a token that merging may make (normal, user-defined, unused) into two such tokens; the best score first,
/// for one result by the ids of its halves. `index` is of data.tokens.
[[nodiscard]] std::vector<ScoreMerge> scoreMerges(const TokenizerData& data, const TextIndex& index);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>

#include "core/formats/byte_trie.h"
#include "core/formats/piece_encoder.h"
#include "core/formats/text_index.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

/// The sequence of tokens whose scores have the greatest sum (Kudo, arXiv 1804.10959), found by dynamic programming.
class Unigram final : public PieceEncoder {
  public:
    /// `data` must outlive this.
    Unigram(const TokenizerData& data, const TextIndex& index);
    /// A character that no token begins with costs 10 more than the worst token; a run of such characters is byte tokens if
    /// all of them have some, else the unknown token once (or is left out if there is none). O(n times the longest token).
    void encode(std::string_view piece, std::vector<std::int32_t>& out) const override;

  private:
    const TokenizerData& m_data;
    std::array<std::int32_t, 256> m_byte_ids{};
    double m_unknown_score = 0;
    ByteTrie m_tokens;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>

#include "core/formats/pair_map.h"
#include "core/formats/piece_encoder.h"
#include "core/formats/text_index.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Byte-pair merges over token ids: the best-ranked pair first, among equals the leftmost (Sennrich et al., arXiv 1508.07909).
/// SentencePiece's form ranks a pair by the score of the token it makes, whatever its halves.
class Bpe final : public PieceEncoder {
  public:
    /// `index` is of data.tokens; both must outlive this. Throws Failure(bad_input, where) naming a merge that is not two tokens
    /// that make a third.
    Bpe(const TokenizerData& data, const TextIndex& index, const std::string& where);

    /// Bytes or characters without a token are byte tokens, the unknown token or, before merging, left out: as the data say.
    /// O(n log n) in the piece's length.
    void encode(std::string_view piece, std::vector<std::int32_t>& out) const override;

  private:
    struct Merge {
        std::int32_t rank, result;
    };
    void readMerges(const std::string& where);
    void addMerge(std::int32_t left, std::int32_t right, const Merge& merge);
    /// Appends the ids that a piece begins as.
    void start(std::string_view piece, std::vector<std::int32_t>& out) const;
    [[nodiscard]] std::int32_t whole(std::string_view piece) const;

    const TokenizerData& m_data;
    const TextIndex& m_index;
    std::array<std::int32_t, 256> m_byte_ids{};  // -1: no token
    PairMap<Merge> m_merges;
};

}  // namespace airframe

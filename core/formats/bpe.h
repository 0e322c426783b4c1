// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/formats/tokenizer.h"

namespace airframe {

/// Byte-pair merges over token ids: the best-ranked pair first, among equals the leftmost. Immutable, any thread.
class Bpe {
  public:
    /// `id_of` finds a vocabulary text. Throws Failure(bad_input, where) naming a merge that is not two tokens that make a
    /// third.
    Bpe(const TokenizerData& data, const std::unordered_map<std::string_view, std::int32_t>& id_of, const std::string& where);

    /// Appends the ids of one piece (raw bytes) to `out`. Bytes without a token of their own are left out before merging.
    /// O(n log n) in the piece's length.
    void encode(std::string_view piece, std::vector<std::int32_t>& out) const;

  private:
    struct Merge {
        std::int32_t rank, result;
    };
    [[nodiscard]] const Merge* find(std::int32_t left, std::int32_t right) const;

    std::int32_t m_byte_ids[256];  // -1: no token
    std::unordered_map<std::uint64_t, Merge> m_merges;
};

}  // namespace airframe

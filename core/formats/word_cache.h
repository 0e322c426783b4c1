// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/flat_hash.h"

namespace airframe {

/// Pieces repeat: remembers where in the ids made so far each different one has its tokens. Of one call and thread. Long pieces,
/// and new ones once it is full, are not remembered.
class WordCache {
  public:
    /// Sized for a text of so many bytes.
    explicit WordCache(std::size_t text_bytes)
        : m_seed(hashSeed()), m_slots(slotsFor(std::min<std::size_t>(text_bytes / 32, most_words))) {}

    /// Appends to `ids` the tokens of `piece`, which `make(piece, ids)` appends if they are not known yet.
    template <class Make>
    void append(std::string_view piece, std::vector<std::int32_t>& ids, const Make& make) {
        if (piece.size() > longest) return make(piece, ids);
        const std::uint64_t hash = hashOf(piece, m_seed);
        const std::size_t mask = m_slots.size() - 1;
        std::size_t at = hash & mask;
        for (; m_slots[at].size > 0; at = (at + 1) & mask) {
            const Slot& slot = m_slots[at];
            if (slot.check != static_cast<std::uint32_t>(hash >> 32) || slot.size != piece.size() ||
                std::memcmp(m_texts.data() + slot.text, piece.data(), piece.size()) != 0) {
                continue;
            }
            for (std::size_t i = 0; i < slot.count; ++i) ids.push_back(ids[slot.ids + i]);
            return;
        }
        const std::size_t before = ids.size();
        make(piece, ids);
        if ((m_words + 1) * 2 > m_slots.size()) return;
        m_slots[at] = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(m_texts.size()), before,
                       static_cast<std::uint16_t>(piece.size()), static_cast<std::uint16_t>(ids.size() - before)};
        m_texts.append(piece);
        ++m_words;
    }

  private:
    static constexpr std::size_t most_words = 1 << 18, longest = 256;
    struct Slot {
        std::uint32_t check = 0, text = 0;
        std::size_t ids = 0;
        std::uint16_t size = 0, count = 0;
    };
    std::uint64_t m_seed;
    std::size_t m_words = 0;
    std::vector<Slot> m_slots;
    std::string m_texts;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/flat_hash.h"

namespace airframe {

/// Finds the place of a text in a list that outlives the index and stays as it is. Immutable, any thread.
class TextIndex {
  public:
    /// Of equal texts the first one is found.
    explicit TextIndex(const std::vector<std::string>& texts)
        : m_texts(texts), m_seed(hashSeed()), m_slots(slotsFor(texts.size())) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::uint64_t hash = hashOf(texts[i], m_seed);
            Slot& slot = m_slots[place(texts[i], hash)];
            if (slot.at < 0) slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::int32_t>(i)};
        }
    }
    /// -1 if it is not in the list.
    [[nodiscard]] std::int32_t find(std::string_view text) const { return m_slots[place(text, hashOf(text, m_seed))].at; }

  private:
    struct Slot {
        std::uint32_t check = 0;  ///< upper half of the hash: most texts differ there already
        std::int32_t at = -1;
    };
    std::size_t place(std::string_view text, std::uint64_t hash) const {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t slot = hash & mask;
        while (m_slots[slot].at >= 0 && (m_slots[slot].check != static_cast<std::uint32_t>(hash >> 32) ||
                                         m_texts[static_cast<std::size_t>(m_slots[slot].at)] != text)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    const std::vector<std::string>& m_texts;
    std::uint64_t m_seed;
    std::vector<Slot> m_slots;
};

}  // namespace airframe

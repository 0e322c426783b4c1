// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/formats/flat_hash.h"

namespace airframe {

/// Two numbers below 2^32 - 1 to a Value, in one flat table. Filled by one thread, then read by any.
template <class Value>
class PairMap {
  public:
    /// Room for this many entries; more make it grow.
    explicit PairMap(std::size_t entries = 0) : m_seed(hashSeed()), m_slots(slotsFor(entries)) {}

    /// The entry of (a, b), made with `value` if there is none yet.
    Value& insert(std::uint32_t a, std::uint32_t b, const Value& value) {
        if ((m_size + 1) * 2 > m_slots.size()) grow();
        Slot& slot = m_slots[place(key(a, b))];
        if (slot.key == none) {
            slot = {key(a, b), value};
            ++m_size;
        }
        return slot.value;
    }
    /// nullptr if (a, b) has none.
    [[nodiscard]] const Value* find(std::uint32_t a, std::uint32_t b) const {
        const Slot& slot = m_slots[place(key(a, b))];
        return slot.key == none ? nullptr : &slot.value;
    }

  private:
    static constexpr std::uint64_t none = ~std::uint64_t{0};
    struct Slot {
        std::uint64_t key = none;
        Value value{};
    };
    static std::uint64_t key(std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} << 32 | b; }
    /// The slot of `wanted`, or the free one where it belongs.
    std::size_t place(std::uint64_t wanted) const {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t at = hashOf(wanted, m_seed) & mask;
        while (m_slots[at].key != wanted && m_slots[at].key != none) at = (at + 1) & mask;
        return at;
    }
    void grow() {
        std::vector<Slot> old(m_slots.size() * 2);
        old.swap(m_slots);
        for (const Slot& slot : old) {
            if (slot.key != none) m_slots[place(slot.key)] = slot;
        }
    }

    std::uint64_t m_seed;
    std::size_t m_size = 0;
    std::vector<Slot> m_slots;
};

}  // namespace airframe

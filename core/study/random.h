// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace airframe {

/// Counter-based generator (SplitMix64, Steele, Lea and Flood 2014): the same numbers from the same seed on every
/// machine and standard library, which std::uniform_int_distribution does not promise. Not for secrets.
class Random {
  public:
    explicit constexpr Random(std::uint64_t seed) : m_state(seed) {}

    constexpr std::uint64_t next() {
        m_state += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    /// 0 <= result < bound, bound < 2^32. Multiply and shift: uneven by at most bound / 2^32, far below any sampling
    /// error.
    constexpr std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
    }

  private:
    std::uint64_t m_state;
};

}  // namespace airframe

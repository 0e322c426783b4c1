// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace airframe {

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that spreads every input bit over the result.
[[nodiscard]] constexpr std::uint64_t mixBits(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

/// A random word for (seed, counter): no state, the same on every machine and in any order of calls.
[[nodiscard]] constexpr std::uint64_t counterRandom(std::uint64_t seed, std::uint64_t counter) {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ull;  // 2^64 / golden ratio, odd
    return mixBits(mixBits(seed + golden) + (counter + 1) * golden);
}

/// A uniform draw from [0, 1) for (seed, counter), 53 bits.
[[nodiscard]] constexpr double counterUniform(std::uint64_t seed, std::uint64_t counter) {
    return static_cast<double>(counterRandom(seed, counter) >> 11) * 0x1.0p-53;
}

}  // namespace airframe

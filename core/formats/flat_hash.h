// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace airframe {

/// Different in every process, so that no file can be made whose keys all fall on one place. No result depends on it.
[[nodiscard]] inline std::uint64_t hashSeed() {
    static const std::uint64_t seed = [] {
        std::random_device device;
        return std::uint64_t{device()} << 32 | device();
    }();
    return seed;
}

[[nodiscard]] inline std::uint64_t mixed(std::uint64_t h) {
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

[[nodiscard]] inline std::uint64_t hashOf(std::uint64_t key, std::uint64_t seed) { return mixed(key ^ seed); }

[[nodiscard]] inline std::uint64_t hashOf(std::string_view text, std::uint64_t seed) {
    std::uint64_t h = seed ^ text.size();
    std::size_t at = 0;
    for (std::uint64_t word; at + 8 <= text.size(); at += 8) {
        std::memcpy(&word, text.data() + at, 8);
        h = mixed(h ^ word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data() + at, text.size() - at);
    return mixed(h ^ rest);
}

/// Slots for `entries` at a load of at most one half: a power of two.
[[nodiscard]] inline std::size_t slotsFor(std::size_t entries) {
    std::size_t slots = 16;
    while (slots < entries * 2) slots *= 2;
    return slots;
}

}  // namespace airframe

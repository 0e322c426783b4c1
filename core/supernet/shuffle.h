// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace airframe {

/// Fisher and Yates' shuffle with mt19937_64, spelled out because std::shuffle may differ between standard libraries
/// and a stored run must find its order again.
template <class T>
void shuffle(std::vector<T>& values, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

}  // namespace airframe

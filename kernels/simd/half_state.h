// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/aligned_vector.h"
#include "kernels/bf16.h"

namespace airframe::kernels::simd {

void widen(const Bf16* from, std::size_t n, float* to);
void narrow(const float* from, std::size_t n, Bf16* to);  ///< to nearest, ties to even

/// States [pairs, size] that are kept in bf16 and computed in float32, rounded once per call: calls run(initial, state, first, end)
/// for groups of the pairs begin..end that stay in the second-level cache, with arrays that start at pair `first`; either is nullptr
/// if it is here. `state` may be `initial`.
template <class Run>
void withHalfStates(const Bf16* initial, Bf16* state, std::size_t size, std::size_t begin, std::size_t end, const Run& run) {
    constexpr std::size_t group_floats = std::size_t{32} << 10;
    const std::size_t group = std::max<std::size_t>(1, std::min(group_floats / size, end - begin));
    AlignedVector<float> states(group * size);
    for (std::size_t first = begin; first < end; first += group) {
        const std::size_t last = std::min(first + group, end), count = (last - first) * size;
        if (initial) widen(initial + first * size, count, states.data());
        run(initial ? states.data() : nullptr, state ? states.data() : nullptr, first, last);
        if (state) narrow(states.data(), count, state + first * size);
    }
}

}  // namespace airframe::kernels::simd

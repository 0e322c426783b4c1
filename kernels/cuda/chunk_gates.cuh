// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"

// Log decays of a chunk of 64 tokens as its kernels use them: running sums G between resets. A log decay below -80 counts
// as a reset: what it would leave of the state is under 2e-35. Only differences of G that are <= 0 and lie between two
// resets are exponentiated.

namespace airframe::kernels::cuda::chunked {

inline constexpr int tokens = 64;  ///< C
inline constexpr float reset = -80.0f;

/// exp(G_i - G_j) for j <= i, zero across a reset.
AIRFRAME_DEVICE float decayBetween(Shared<float> sums, Shared<int> resets, int i, int j) {
    if (j > i || resets[i] != resets[j]) return 0;
    return exponential(sums[i] - sums[j]);
}

/// By one warp, which holds two tokens' log decays per lane: running sums without resets, and resets so far.
AIRFRAME_DEVICE void runningGates(Array<float, 2> g, Shared<float> sums, Shared<int> resets) {
    Array<int, 2> r;
    AIRFRAME_UNROLL
    for (int i = 0; i < 2; ++i) {
        r[i] = g[i] < reset ? 1 : 0;
        if (r[i] == 1) g[i] = 0;
    }
    float sum = g[0] + g[1];
    int count = r[0] + r[1];
    for (int by = 1; by < 32; by *= 2) {
        const float lower = shuffleUp(sum, by);
        const int fewer = shuffleUp(count, by);
        if (lane() >= by) {
            sum += lower;
            count += fewer;
        }
    }
    float before = shuffleUp(sum, 1);
    int earlier = shuffleUp(count, 1);
    if (lane() == 0) before = 0, earlier = 0;
    sums[2 * lane()] = before + g[0];
    sums[2 * lane() + 1] = before + (g[0] + g[1]);
    resets[2 * lane()] = earlier + r[0];
    resets[2 * lane() + 1] = count;
}

}  // namespace airframe::kernels::cuda::chunked

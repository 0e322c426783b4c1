// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Shapes and arrays as in kernels/qkv_rotary.h.
struct QkvRotaryArguments {
    int tokens = 0, heads = 0, groups = 0, half = 0;  ///< T, H, G, d/2
    int position = 0, slots = 0;                      ///< of the first token; S
    std::size_t units = 0;                            ///< B T (H + 2 G) d/2
    Global<const float> projected;                    ///< [B, T, H + 2 G, d]
    Global<const float> cosine, sine;                 ///< [T, d], or of every position if lengths are given
    Global<const std::size_t> lengths;  ///< [B] or not given: the tokens end there instead of begin at `position`
    Global<Bf16> q, keys, values;       ///< [B, T, H, d], [B, G, S, d]
};

namespace turning {
inline constexpr int threads = 128;
}

inline Grid qkvRotaryGrid(std::size_t units) {
    return {ceilDiv(units, turning::threads), 1, 1, turning::threads, 0};
}

/// Grid (ceil(B T (H + 2 G) d/2 / 128)), 128 threads: a thread turns elements i and i + d/2 of one head.
AIRFRAME_DEVICE void qkvRotary(const QkvRotaryArguments& p) {
    std::size_t unit = static_cast<std::size_t>(blockX()) * turning::threads + threadX();
    if (unit >= p.units) return;
    const int i = static_cast<int>(unit % p.half), parts = p.heads + 2 * p.groups, d = 2 * p.half;
    unit /= p.half;
    const int part = static_cast<int>(unit % parts);
    const std::size_t row = unit / parts, batch = row / p.tokens, token = row % p.tokens;
    const std::size_t first = p.lengths.given() ? p.lengths[batch] - p.tokens : static_cast<std::size_t>(p.position);
    const std::size_t slot = (first + token) % p.slots, turn = (p.lengths.given() ? first + token : token) * d + i;
    const float a = p.projected[(row * parts + part) * d + i], b = p.projected[(row * parts + part) * d + i + p.half];
    if (part >= p.heads + p.groups) {
        const std::size_t at = ((batch * p.groups + part - p.heads - p.groups) * p.slots + slot) * d + i;
        p.values[at] = narrow<Bf16>(a);
        p.values[at + p.half] = narrow<Bf16>(b);
        return;
    }
    const Bf16 low = narrow<Bf16>(a * p.cosine[turn] + b * p.sine[turn]);
    const Bf16 high = narrow<Bf16>(b * p.cosine[turn + p.half] + a * p.sine[turn + p.half]);
    if (part >= p.heads) {
        const std::size_t at = ((batch * p.groups + part - p.heads) * p.slots + slot) * d + i;
        p.keys[at] = low;
        p.keys[at + p.half] = high;
        return;
    }
    const std::size_t at = (row * p.heads + part) * d + i;
    p.q[at] = low;
    p.q[at + p.half] = high;
}

}  // namespace airframe::kernels::cuda

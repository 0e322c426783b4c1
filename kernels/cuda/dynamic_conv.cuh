// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/dynamic_conv.h; T is float or Bf16.
template <class T>
struct DynamicConvArguments {
    int tokens = 0, channels = 0, stride = 0;
    Global<const T> u, taps, window;
    Global<float> y;
    Global<T> next_window;
};

namespace conv {
inline constexpr int threads = 128;  ///< channels of a block
inline constexpr int tokens = 16;    ///< of a block: each raw input is read 19/16 times

AIRFRAME_DEVICE float silu(float x) { return x / (1.0f + exponential(-x)); }
}  // namespace conv

inline Grid dynamicConvGrid(std::size_t batch, std::size_t tokens, std::size_t channels) {
    return {ceilDiv(channels, conv::threads), ceilDiv(tokens, conv::tokens), static_cast<unsigned>(batch), conv::threads, 0};
}

/// JetBlock's four taps per token and channel, and SiLU. Grid (ceil(C / 128), ceil(T / 16), batch), 128 threads, one
/// channel each; the last four raw inputs wander through registers. The block of the first tokens, which alone reads
/// the old window, writes the new one: the two may be the same memory.
template <class T>
AIRFRAME_DEVICE void dynamicConv(const DynamicConvArguments<T>& p) {
    const int channel = blockX() * conv::threads + threadX(), first = blockY() * conv::tokens;
    if (channel >= p.channels) return;
    const std::size_t batch = blockZ(), row = batch * p.tokens, window_at = (batch * p.channels + channel) * 4;
    Float4 old{0, 0, 0, 0};  // the raw inputs of the four tokens before this block
    if (first == 0) {
        if (p.window.given()) old = load4(p.window, window_at);
    } else {
        old.y = widen(p.u[(row + first - 3) * p.stride + channel]);
        old.z = widen(p.u[(row + first - 2) * p.stride + channel]);
        old.w = widen(p.u[(row + first - 1) * p.stride + channel]);
    }
    const int end = first + conv::tokens < p.tokens ? first + conv::tokens : p.tokens;
    for (int t = first; t < end; ++t) {
        const std::size_t at = (row + t) * p.channels + channel;
        const Float4 taps = load4(p.taps, at * 4);
        const float now = widen(p.u[(row + t) * p.stride + channel]);
        p.y[at] = conv::silu(taps.x * old.y + taps.y * old.z + taps.z * old.w + taps.w * now);
        old = Float4{old.y, old.z, old.w, now};
    }
    if (first != 0 || !p.next_window.given()) return;
    if (p.tokens > end) {
        old.x = widen(p.u[(row + p.tokens - 4) * p.stride + channel]);
        old.y = widen(p.u[(row + p.tokens - 3) * p.stride + channel]);
        old.z = widen(p.u[(row + p.tokens - 2) * p.stride + channel]);
        old.w = widen(p.u[(row + p.tokens - 1) * p.stride + channel]);
    }
    store4(p.next_window, window_at, old);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "kernels/cuda/grid.h"
#include "kernels/cuda/sequence_tokens.cuh"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/short_conv.h; T is float or Bf16.
template <class T>
struct ShortConvArguments {
    int tokens = 0, channels = 0, stride = 0;
    bool silu = true;
    int lanes = 1;  ///< blocks that share a sequence: blockY() takes every `lanes`-th piece of its tokens
    Global<const T> u, weight, bias, window;
    Global<const std::int64_t> offsets;
    Global<T> y, next_window;
};

namespace short_conv {
inline constexpr int threads = 128;  ///< channels of a block
inline constexpr int tokens = 16;    ///< of a piece: each raw input is read up to 19/16 times
}  // namespace short_conv

/// At most 1024 pieces side by side; blocks take further ones in turn, so that any length will do. Of packed sequences
/// only the mean length is known here.
[[nodiscard]] inline Grid shortConvGrid(std::size_t sequences, std::size_t mean_tokens, std::size_t channels) {
    return {static_cast<unsigned>(sequences * ceilDiv(channels, short_conv::threads)),
            std::clamp(ceilDiv(mean_tokens, short_conv::tokens), 1u, 1024u), 1, short_conv::threads, 0};
}

/// W fixed taps per channel, bias and SiLU. Grid (sequences * ceil(C / 128), lanes), 128 threads, one channel each; the
/// last raw inputs wander through registers. The block of a sequence's first tokens, which alone reads the old window,
/// writes the new one: the two may be the same memory.
template <int W, class T>
AIRFRAME_DEVICE void shortConv(const ShortConvArguments<T>& p) {
    using namespace short_conv;
    const int blocks = (p.channels + threads - 1) / threads, channel = blockX() % blocks * threads + threadX();
    if (channel >= p.channels) return;
    const std::size_t sequence = blockX() / blocks, window_at = (sequence * p.channels + channel) * W;
    const TokenSpan span = sequenceTokens(p.offsets, p.tokens, sequence);
    Array<float, W> weight;
    AIRFRAME_UNROLL
    for (int w = 0; w < W; ++w) weight[w] = widen(p.weight[static_cast<std::size_t>(channel) * W + w]);
    const float bias = p.bias.given() ? widen(p.bias[channel]) : 0.0f;

    Array<float, W> last;  // raw inputs, the newest at W - 1
    for (std::size_t first = span.begin + static_cast<std::size_t>(blockY()) * tokens; first < span.end;
         first += static_cast<std::size_t>(p.lanes) * tokens) {
        AIRFRAME_UNROLL
        for (int w = 0; w < W; ++w) last[w] = 0;
        AIRFRAME_UNROLL
        for (int w = 1; w < W; ++w) {
            if (first != span.begin)
                last[w] = widen(p.u[(first - W + w) * p.stride + channel]);
            else if (p.window.given())
                last[w] = widen(p.window[window_at + w]);
        }
        const std::size_t end = first + tokens < span.end ? first + tokens : span.end;
        for (std::size_t row = first; row < end; ++row) {
            AIRFRAME_UNROLL
            for (int w = 1; w < W; ++w) last[w - 1] = last[w];
            last[W - 1] = widen(p.u[row * p.stride + channel]);
            float sum = bias;
            AIRFRAME_UNROLL
            for (int w = 0; w < W; ++w) sum += weight[w] * last[w];
            p.y[row * p.channels + channel] = narrow<T>(p.silu ? sum / (1.0f + exponential(-sum)) : sum);
        }
        if (first != span.begin || !p.next_window.given()) continue;
        AIRFRAME_UNROLL
        for (int w = 0; w < W; ++w)
            p.next_window[window_at + w] =
                narrow<T>(end < span.end ? widen(p.u[(span.end - W + w) * p.stride + channel]) : last[w]);
    }
    // A sequence without tokens keeps its window.
    if (span.begin != span.end || blockY() != 0 || !p.next_window.given()) return;
    AIRFRAME_UNROLL
    for (int w = 0; w < W; ++w)
        p.next_window[window_at + w] = p.window.given() ? p.window[window_at + w] : narrow<T>(0.0f);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/tiles.cuh"

namespace airframe::kernels::cuda {

/// Letters as in kernels/dynamic_conv.h, and R elements of the generator per token; T is float or Bf16.
template <class T>
struct GeneratedConvArguments {
    int tokens = 0, channels = 0, stride = 0, generator = 0;
    Global<const T> u, window;
    Global<const float> bias;           ///< [C, 4]
    Global<const Bf16> hidden, weight;  ///< [B, T, R]; [C, 4, R]
    Global<float> y;
    Global<T> next_window;
};

namespace generated {
inline constexpr int threads = 128;
inline constexpr int tokens = 64, channels = 32, depth = 32;  ///< a block's tile, and the part of R copied at once
inline constexpr int taps = 4 * channels, halo = 3;
inline constexpr int stride = tileStride(depth);
inline constexpr int hidden_bytes = 2 * tokens * stride, weight_bytes = 2 * taps * stride;
inline constexpr int stage_bytes = hidden_bytes + weight_bytes;
inline constexpr int slab_stride = channels + 1, slab_bytes = 4 * (tokens + halo) * slab_stride;
inline constexpr int bytes = 2 * stage_bytes + slab_bytes;
inline constexpr int result_stride = channels + 1;  ///< the results lie where the tiles were

/// Starts copying R elements `from`.. of the block's tokens and taps. What lies past the last token or channel is the
/// last one's again, and nobody uses what becomes of it.
template <class T>
AIRFRAME_DEVICE void fetch(const GeneratedConvArguments<T>& p, std::size_t batch, int first, int channel, int from, int stage) {
    const auto hidden = sharedArray<Bf16>(stage * stage_bytes, hidden_bytes / 2);
    const auto weight = sharedArray<Bf16>(stage * stage_bytes + hidden_bytes, weight_bytes / 2);
    for (int e = threadX(); e < tokens * depth / 8; e += threads) {
        const int row = e / (depth / 8), c = e % (depth / 8) * 8;
        const std::size_t token = first + row < p.tokens ? first + row : p.tokens - 1;
        copyAsync16(hidden, row * stride + c, p.hidden, (batch * p.tokens + token) * p.generator + from + c);
    }
    for (int e = threadX(); e < taps * depth / 8; e += threads) {
        const int row = e / (depth / 8), c = e % (depth / 8) * 8;
        const std::size_t tap = 4 * channel + row < 4 * p.channels ? 4 * channel + row : 4 * p.channels - 1;
        copyAsync16(weight, row * stride + c, p.weight, tap * p.generator + from + c);
    }
    commitCopies();
}
}  // namespace generated

inline Grid generatedConvGrid(std::size_t batch, std::size_t tokens, std::size_t channels) {
    return {ceilDiv(channels, generated::channels), ceilDiv(tokens, generated::tokens), static_cast<unsigned>(batch),
            generated::threads, generated::bytes};
}

/// JetBlock's dynamic convolution with the product that makes its taps: y_t[c] = silu( sum_w taps_t[c, w] u_{t-3+w}[c] ),
/// taps_t = W2 h_t + b2. The taps stay in registers, in float32. Grid (ceil(C / 32), ceil(T / 64), batch), 128 threads:
/// warp w makes 32 tokens (w / 2) of 16 channels (w % 2). The four taps of a channel are four neighbouring columns of the
/// product, two in each of two neighbouring lanes. R must be a multiple of 32. The two windows may be the same memory:
/// only the block of the first tokens reads and writes them.
template <class T>
AIRFRAME_DEVICE void generatedConv(const GeneratedConvArguments<T>& p) {
    using namespace generated;
    const std::size_t batch = blockZ();
    const int channel = blockX() * channels, first = blockY() * tokens;
    const auto slab = sharedArray<float>(2 * stage_bytes, slab_bytes / 4);  // u of token first - 3 + row
    const auto results = sharedArray<float>(0, tokens * result_stride);
    fetch(p, batch, first, channel, 0, 0);
    for (int e = threadX(); e < (tokens + halo) * channels; e += threads) {
        const int row = e / channels, c = e % channels, token = first + row - halo;
        float u = 0;
        if (channel + c < p.channels) {
            if (token >= 0) {
                if (token < p.tokens) u = widen(p.u[(batch * p.tokens + token) * p.stride + channel + c]);
            } else if (p.window.given()) {
                u = widen(p.window[(batch * p.channels + channel + c) * 4 + 4 + token]);
            }
        }
        slab[row * slab_stride + c] = u;
    }
    const int top = warp() / 2 * 32, left = warp() % 2 * 64;
    Array<Array<float, 4>, 16> acc;  // tile (m, n) at 8m + n
    AIRFRAME_UNROLL
    for (int tile = 0; tile < 16; ++tile) acc[tile] = Array<float, 4>{{0, 0, 0, 0}};
    const int parts = p.generator / depth;
    for (int part = 0; part < parts; ++part) {
        const int stage = part % 2;
        const auto hidden = sharedArray<Bf16>(stage * stage_bytes, hidden_bytes / 2);
        const auto weight = sharedArray<Bf16>(stage * stage_bytes + hidden_bytes, weight_bytes / 2);
        waitCopies<0>();
        syncThreads();  // this part has come, and everyone has left the part before
        if (part + 1 < parts) fetch(p, batch, first, channel, (part + 1) * depth, 1 - stage);
        AIRFRAME_UNROLL
        for (int k = 0; k < depth; k += 16) {
            const auto upper = leftTile(hidden, stride, top, k), lower = leftTile(hidden, stride, top + 16, k);
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n) {
                const auto w = rightTileTransposed(weight, stride, left + 16 * n, k);
                mmaBf16(acc[2 * n], upper, w[0], w[1]);
                mmaBf16(acc[2 * n + 1], upper, w[2], w[3]);
                mmaBf16(acc[8 + 2 * n], lower, w[0], w[1]);
                mmaBf16(acc[8 + 2 * n + 1], lower, w[2], w[3]);
            }
        }
    }
    syncThreads();  // the tiles have been read: the results take their place
    const int tap = accColumn() % 4;  // 0 or 2: this lane's first
    AIRFRAME_UNROLL
    for (int n = 0; n < 8; ++n) {
        const int c = (left + 8 * n + accColumn()) / 4;
        Float2 bias{0, 0};
        if (channel + c < p.channels) bias = load2(p.bias, (channel + c) * 4 + tap);
        AIRFRAME_UNROLL
        for (int m = 0; m < 2; ++m) {
            const auto& taps_here = acc[8 * m + n];
            const int row = top + 16 * m + accRow();
            float above = (taps_here[0] + bias.x) * slab[(row + tap) * slab_stride + c] +
                          (taps_here[1] + bias.y) * slab[(row + tap + 1) * slab_stride + c];
            float below = (taps_here[2] + bias.x) * slab[(row + 8 + tap) * slab_stride + c] +
                          (taps_here[3] + bias.y) * slab[(row + 8 + tap + 1) * slab_stride + c];
            above += shuffleXor(above, 1);
            below += shuffleXor(below, 1);
            // One of the two lanes stores the upper row, the other the lower one.
            const float x = tap == 0 ? above : below;
            results[(tap == 0 ? row : row + 8) * result_stride + c] = x / (1.0f + exponential(-x));
        }
    }
    syncThreads();
    for (int e = threadX(); e < tokens * channels; e += threads) {
        const int row = e / channels, c = e % channels;
        if (first + row < p.tokens && channel + c < p.channels)
            p.y[(batch * p.tokens + first + row) * p.channels + channel + c] = results[row * result_stride + c];
    }
    if (first != 0 || !p.next_window.given()) return;
    static_assert(threads == 4 * channels);
    const int c = threadX() / 4, w = threadX() % 4, token = p.tokens - 4 + w;
    if (channel + c >= p.channels) return;
    float u = 0;
    if (token < tokens) u = slab[(token + halo) * slab_stride + c];
    else u = widen(p.u[(batch * p.tokens + token) * p.stride + channel + c]);
    p.next_window[(batch * p.channels + channel + c) * 4 + w] = narrow<T>(u);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/generated_conv.cuh"

namespace airframe::kernels::cuda {

namespace generated_decode {
inline constexpr int threads = 256, warps = threads / 32;
inline constexpr int sequences = 8;  ///< of a warp: eight of four taps each fill its lanes

/// Two bfloat16 of a word times two others, the first in the low bits.
AIRFRAME_DEVICE float dotPair(std::uint32_t a, std::uint32_t b, float sum) {
    sum += widen(Bf16{static_cast<std::uint16_t>(a & 0xffffu)}) * widen(Bf16{static_cast<std::uint16_t>(b & 0xffffu)});
    return sum + widen(Bf16{static_cast<std::uint16_t>(a >> 16)}) * widen(Bf16{static_cast<std::uint16_t>(b >> 16)});
}
}  // namespace generated_decode

inline Grid generatedConvDecodeGrid(std::size_t batch, std::size_t channels) {
    return {ceilDiv(channels, generated_decode::warps), ceilDiv(batch, generated_decode::sequences), 1, generated_decode::threads, 0};
}

/// The same convolution of a single token per sequence. Here the weights decide, 8 R bytes a channel and read once: a warp
/// takes one channel of eight sequences, its lanes 16 bytes each of the channel's four neighbouring rows in turn. With
///   sum_w taps[w] u[w] = sum_w b2[w] u[w] + sum_{w, r} W2[w, r] (u[w] h[r])
/// every product goes to the one sum of its sequence, whichever tap it belongs to. Lane 4s + w holds tap w's value of
/// sequence s, so it also writes that element of the next window; the two windows may be the same memory. R must be a
/// multiple of 32.
template <class T>
AIRFRAME_DEVICE void generatedConvDecode(const GeneratedConvArguments<T>& p, int batch) {
    using namespace generated_decode;
    const int channel = blockX() * warps + warp(), first = blockY() * sequences;
    if (channel >= p.channels) return;
    const int own = first + lane() / 4, tap = lane() % 4;
    const std::size_t own_channel = static_cast<std::size_t>(own) * p.channels + channel;
    float u = 0;
    if (own < batch) {
        if (tap == 3) u = widen(p.u[static_cast<std::size_t>(own) * p.stride + channel]);
        else if (p.window.given()) u = widen(p.window[own_channel * 4 + tap + 1]);
    }
    Array<float, sequences> sum;
    AIRFRAME_UNROLL
    for (int s = 0; s < sequences; ++s) sum[s] = 0;
    const std::size_t rows = static_cast<std::size_t>(channel) * 4 * p.generator;
    AIRFRAME_UNROLL4
    for (int from = 0; from < 4 * p.generator; from += 256) {
        const int at = from + 8 * lane(), row = at / p.generator;
        Array<std::uint32_t, 4> weight{{0, 0, 0, 0}};
        const bool there = at < 4 * p.generator;
        if (there) weight = loadBytes(p.weight, rows + at);
        AIRFRAME_UNROLL
        for (int s = 0; s < sequences; ++s) {
            if (first + s >= batch) continue;
            float dot = 0;
            if (there) {
                const auto hidden =
                    loadBytes(p.hidden, static_cast<std::size_t>(first + s) * p.generator + (at - row * p.generator));
                AIRFRAME_UNROLL
                for (int i = 0; i < 4; ++i) dot = dotPair(weight[i], hidden[i], dot);
            }
            sum[s] += dot * shuffleIndex(u, 4 * s + row % 4);
        }
    }
    float bias = 0;
    if (own < batch) bias = p.bias[static_cast<std::size_t>(channel) * 4 + tap] * u;
    float mine = 0;
    AIRFRAME_UNROLL
    for (int s = 0; s < sequences; ++s) {
        float total = sum[s];
        AIRFRAME_UNROLL
        for (int by = 16; by > 0; by /= 2) total += shuffleXor(total, by);
        if (lane() / 4 == s) mine = total;
    }
    bias += shuffleXor(bias, 1);
    bias += shuffleXor(bias, 2);
    syncWarp();  // every lane has read the window
    if (own >= batch) return;
    const float x = mine + bias;
    if (tap == 0) p.y[own_channel] = x / (1.0f + exponential(-x));
    if (p.next_window.given()) p.next_window[own_channel * 4 + tap] = narrow<T>(u);
}

}  // namespace airframe::kernels::cuda

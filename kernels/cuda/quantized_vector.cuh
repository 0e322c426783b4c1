// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// y = W x for a quantised W [R, n], n a multiple of 32. As GGUF's blocks of 32 elements, but with the quants of all blocks
/// in one array and their scales in another, so that both can be read 16 bytes at a time.
struct QuantizedVectorArguments {
    int rows = 0, n = 0;
    Global<const std::uint8_t> quants;   ///< Q8_0: [R, n] signed bytes; Q4_1: [R, n/32, 16], element i low, i + 16 high
    Global<const std::uint16_t> scales;  ///< halves: Q8_0 [R, n/32]; Q4_1 [R, n/32, 2] scale and offset
    Global<const float> x;               ///< [n]
    Global<float> y;                     ///< [R]
};

namespace quantized {
inline constexpr int threads = 128;
inline constexpr int rows = 2;  ///< of a warp: each part of x that is loaded is used as often

AIRFRAME_DEVICE float signedByte(std::uint32_t word, int i) {
    return static_cast<float>(static_cast<std::int8_t>(word >> (8 * i) & 0xffu));
}
AIRFRAME_DEVICE float nibble(std::uint32_t word, int i) { return static_cast<float>(word >> (4 * i) & 0xfu); }
AIRFRAME_DEVICE float sumOverWarp(float x) {
    x += shuffleXor(x, 16);
    x += shuffleXor(x, 8);
    x += shuffleXor(x, 4);
    x += shuffleXor(x, 2);
    return x + shuffleXor(x, 1);
}
}  // namespace quantized

inline Grid quantizedVectorGrid(std::size_t rows) {
    return {ceilDiv(rows, quantized::rows * quantized::threads / 32), 1, 1, quantized::threads, 0};
}

/// Q8_0: a lane takes 16 elements, half a block, at a time.
AIRFRAME_DEVICE void quantizedVector8(const QuantizedVectorArguments& p) {
    using namespace quantized;
    const int first = (blockX() * (threads / 32) + warp()) * rows;
    Array<float, rows> sum{{0, 0}};
    for (int c = 16 * lane(); c < p.n; c += 512) {
        Array<Float4, 4> x;
        AIRFRAME_UNROLL
        for (int i = 0; i < 4; ++i) x[i] = load4(p.x, c + 4 * i);
        AIRFRAME_UNROLL
        for (int r = 0; r < rows; ++r) {
            if (first + r >= p.rows) continue;
            const std::size_t row = first + r;
            const auto q = loadBytes(p.quants, row * p.n + c);
            const float scale = widenHalf(p.scales[row * (p.n / 32) + c / 32]);
            float part = 0;
            AIRFRAME_UNROLL
            for (int i = 0; i < 4; ++i)
                part += x[i].x * signedByte(q[i], 0) + x[i].y * signedByte(q[i], 1) + x[i].z * signedByte(q[i], 2) +
                        x[i].w * signedByte(q[i], 3);
            sum[r] += scale * part;
        }
    }
    AIRFRAME_UNROLL
    for (int r = 0; r < rows; ++r) {
        const float y = sumOverWarp(sum[r]);
        if (lane() == 0 && first + r < p.rows) p.y[first + r] = y;
    }
}

/// Q4_1: a lane takes a block at a time. sum (d q + m) x = d sum q x + m sum x.
AIRFRAME_DEVICE void quantizedVector4(const QuantizedVectorArguments& p) {
    using namespace quantized;
    const int first = (blockX() * (threads / 32) + warp()) * rows, blocks = p.n / 32;
    Array<float, rows> sum{{0, 0}};
    for (int block = lane(); block < blocks; block += 32) {
        Array<Float4, 8> x;
        float all = 0;
        AIRFRAME_UNROLL
        for (int i = 0; i < 8; ++i) {
            x[i] = load4(p.x, 32 * block + 4 * i);
            all += x[i].x + x[i].y + x[i].z + x[i].w;
        }
        AIRFRAME_UNROLL
        for (int r = 0; r < rows; ++r) {
            if (first + r >= p.rows) continue;
            const std::size_t at = static_cast<std::size_t>(first + r) * blocks + block;
            const auto q = loadBytes(p.quants, at * 16);
            const float scale = widenHalf(p.scales[at * 2]), offset = widenHalf(p.scales[at * 2 + 1]);
            float part = 0;
            AIRFRAME_UNROLL
            for (int i = 0; i < 4; ++i) {
                part += x[i].x * nibble(q[i], 0) + x[i].y * nibble(q[i], 2) + x[i].z * nibble(q[i], 4) + x[i].w * nibble(q[i], 6);
                part += x[4 + i].x * nibble(q[i], 1) + x[4 + i].y * nibble(q[i], 3) + x[4 + i].z * nibble(q[i], 5) +
                        x[4 + i].w * nibble(q[i], 7);
            }
            sum[r] += scale * part + offset * all;
        }
    }
    AIRFRAME_UNROLL
    for (int r = 0; r < rows; ++r) {
        const float y = sumOverWarp(sum[r]);
        if (lane() == 0 && first + r < p.rows) p.y[first + r] = y;
    }
}

}  // namespace airframe::kernels::cuda

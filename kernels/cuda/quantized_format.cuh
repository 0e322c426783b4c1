// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/weight_format.h"

namespace airframe::kernels::cuda {

/// A weight W [N, K], K a multiple of 32, values as in kernels/weight_format.h. A quantised one keeps its integers in
/// one array and the scales of its blocks of 32 in another, so that both can be read 16 bytes at a time.
struct QuantizedRows {
    int rows = 0, columns = 0;           ///< N, K
    Global<const std::uint8_t> quants;   ///< q8_0 [N, K]; 4 bits [N, K/32, 16]; bfloat16, float16 [N, K, 2]
    Global<const std::uint16_t> scales;  ///< halves: q8_0, q4_0 [N, K/32]; q4_1 [N, K/32, 2] scale, minimum; else none
};

namespace quantized {
template <WeightType W>
struct Format {
    static constexpr bool four_bits = W == WeightType::q4_0 || W == WeightType::q4_1;
    static constexpr bool minimum = W == WeightType::q4_1;
    static constexpr int chunk = four_bits ? 32 : W == WeightType::q8_0 ? 16 : 8;  ///< values in 16 bytes, of one block
};
struct Scale {
    float scale = 1, minimum = 0;  ///< value = scale * number + minimum
};

/// The 16 bytes that hold Format::chunk values of a row from `column`, a multiple of that, on.
template <WeightType W>
AIRFRAME_DEVICE Array<std::uint32_t, 4> loadChunk(const QuantizedRows& w, std::size_t row, int column) {
    return loadBytes(w.quants, (row * w.columns + column) / Format<W>::chunk * 16);
}
/// The halves that scale the block of `column`, the minimum in the upper one.
template <WeightType W>
AIRFRAME_DEVICE std::uint32_t loadScaleBits(const QuantizedRows& w, std::size_t row, int column) {
    const std::size_t block = row * (w.columns / 32) + column / 32;
    if constexpr (W == WeightType::q4_1) return loadPair(w.scales, 2 * block);
    if constexpr (W == WeightType::q8_0 || W == WeightType::q4_0) return w.scales[block];
    return 0;
}
template <WeightType W>
AIRFRAME_DEVICE Scale scaleOf(std::uint32_t bits) {
    const auto low = static_cast<std::uint16_t>(bits & 0xffffu), high = static_cast<std::uint16_t>(bits >> 16);
    if constexpr (W == WeightType::q4_1) return {widenHalf(low), widenHalf(high)};
    if constexpr (W == WeightType::q8_0 || W == WeightType::q4_0) return {widenHalf(low), 0};
    return {};
}
template <WeightType W>
AIRFRAME_DEVICE Scale loadScale(const QuantizedRows& w, std::size_t row, int column) {
    return scaleOf<W>(loadScaleBits<W>(w, row, column));
}
/// The number that value i of a chunk is stored as. Byte i of 4-bit values holds value i low and value i + 16 high.
template <WeightType W>
AIRFRAME_DEVICE float numberOf(const Array<std::uint32_t, 4>& words, int i) {
    if constexpr (W == WeightType::q8_0) {
        return static_cast<float>(static_cast<std::int8_t>(words[i / 4] >> (8 * (i % 4)) & 0xffu));
    } else if constexpr (Format<W>::four_bits) {
        return byteLess(words[i % 16 / 4] >> (i / 16 * 4) & 0x0f0f0f0fu, i % 4, W == WeightType::q4_0 ? 8 : 0);
    } else {
        const auto bits = static_cast<std::uint16_t>(words[i / 2] >> (16 * (i % 2)) & 0xffffu);
        return W == WeightType::bfloat16 ? widen(Bf16{bits}) : widenHalf(bits);
    }
}
}  // namespace quantized

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace airframe {

/// 32 values of a quantised tensor as its file means them: value i is scale[i / 16] * n[i] (+ minimum[i / 16], where the type has
/// minima). Scales are exact in float32: half-precision numbers, or such times an integer of at most 8 bits.
struct IntegerBlock {
    static constexpr int size = 32, half = 16;
    std::int8_t n[size];
    float scale[2], minimum[2];
};

/// The way to float32 of a type whose stored blocks `Decode` takes apart, `Parts` IntegerBlocks each.
template <void (*Decode)(const std::byte*, IntegerBlock*), std::size_t BlockBytes, int Parts, bool Minimum>
void floatsOf(const std::byte* in, std::size_t blocks, float* out) {
    IntegerBlock parts[Parts];
    for (std::size_t b = 0; b < blocks; ++b, in += BlockBytes) {
        Decode(in, parts);
        for (const IntegerBlock& part : parts)
            for (int h = 0; h < 2; ++h, out += IntegerBlock::half)
                for (int i = 0; i < IntegerBlock::half; ++i) {
                    const float product = part.scale[h] * static_cast<float>(part.n[h * IntegerBlock::half + i]);
                    out[i] = Minimum ? product + part.minimum[h] : product;
                }
    }
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Numbers as a kernel sees them: the emulated bodies of device.cuh's names that touch no memory and no other thread.

#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/bf16.h"

namespace airframe::kernels::cuda {

struct alignas(8) Float2 {
    float x, y;
};

inline float widen(float x) { return x; }
inline float widen(Bf16 x) { return toFloat(x); }
inline float widenHalf(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                       : exponent     ? std::ldexp(static_cast<float>(1024 + fraction), exponent - 25)
                                      : std::ldexp(static_cast<float>(fraction), -24);
    return bits >> 15 ? -size : size;
}
inline float byteLess(std::uint32_t word, int i, int by) { return static_cast<float>(static_cast<int>(word >> (8 * i) & 0xffu) - by); }
inline std::uint32_t packBf16(float low, float high) {
    return toBf16(low).bits | static_cast<std::uint32_t>(toBf16(high).bits) << 16;
}

inline float exponential(float x) { return std::exp(x); }
inline Float2 exponentialPair(float x) {
    const double exact = std::exp(static_cast<double>(x));
    const float near = static_cast<float>(exact);
    return {near, static_cast<float>(exact - near)};
}
inline float multiplyAdd(float a, float b, float c) { return std::fma(a, b, c); }
inline float exponential2(float x) { return std::exp2(x); }
inline float inverseRoot(float x) { return 1.0f / std::sqrt(x); }
inline float infinity() { return std::numeric_limits<float>::infinity(); }

}  // namespace airframe::kernels::cuda

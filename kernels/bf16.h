// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

namespace airframe::kernels {

/// A bfloat16: the upper half of a float32. Arrays of it are what LibTorch and the model files hold.
struct Bf16 {
    std::uint16_t bits = 0;
};

[[nodiscard]] inline float toFloat(float x) { return x; }
[[nodiscard]] inline float toFloat(Bf16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16); }

/// To the nearest, ties to even; every NaN becomes the quiet one.
[[nodiscard]] inline Bf16 toBf16(float x) {
    if (x != x) return {0x7FC0};
    const auto bits = std::bit_cast<std::uint32_t>(x);
    return {static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)};
}

inline void assign(float& to, float x) { to = x; }
inline void assign(Bf16& to, float x) { to = toBf16(x); }

}  // namespace airframe::kernels

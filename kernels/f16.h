// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

namespace airframe::kernels {

/// An IEEE 754 binary16: what the scales of quantised blocks are stored in.
struct F16 {
    std::uint16_t bits = 0;
};

[[nodiscard]] inline float toFloat(F16 x) {
    const std::uint32_t sign = static_cast<std::uint32_t>(x.bits & 0x8000) << 16, rest = x.bits & 0x7FFF;
    if (rest >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (rest & 0x3FF) << 13);  // infinity, NaN
    // The exponent is rebased by a multiplication, which is exact for subnormal numbers too.
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(std::bit_cast<float>(rest << 13) * 0x1p112f));
}

/// To the nearest, ties to even; too large becomes infinite, every NaN the quiet one.
[[nodiscard]] inline F16 toF16(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    const std::uint32_t size = bits & 0x7FFFFFFF;
    if (size > 0x7F800000) return {static_cast<std::uint16_t>(sign | 0x7E00)};
    if (size >= 0x47800000) return {static_cast<std::uint16_t>(sign | 0x7C00)};
    if (size < 0x38800000) {  // subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low bits
        const float shifted = std::bit_cast<float>(size) + 0.5f;
        return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000))};
    }
    return {static_cast<std::uint16_t>(sign | (size - 0x38000000 + 0xFFF + (size >> 13 & 1)) >> 13)};
}

}  // namespace airframe::kernels

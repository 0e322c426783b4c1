// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace airframe {

/// IEEE binary16 to binary32, exactly and without branches (it vectorises): the exponent is moved into place and rebiased by
/// a product with a power of two, which also normalises subnormals; infinities and NaNs get their exponent put back.
inline float fromHalf(std::uint16_t half) {
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFFu) << 13;
    const float scaled = std::bit_cast<float>(magnitude) * std::bit_cast<float>(std::uint32_t{(254 - 15) << 23});
    const std::uint32_t special = magnitude >= (0x1Fu << 23) ? 0x7F800000u : 0u;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special |
                                (static_cast<std::uint32_t>(half & 0x8000u) << 16));
}

/// Binary32 to binary16, rounded to nearest, ties to even; beyond 65504 (from 65520 on) infinity, NaN stays NaN. Every case is
/// computed and one chosen, so that it vectorises.
inline std::uint16_t toHalf(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    // Below 2^-14 halves are whole multiples of 2^-24: adding 0.5 leaves that number, rounded, in the low bits.
    const std::uint32_t small = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3F000000u;
    // A carry out of the mantissa runs into the exponent, which is right, also into infinity.
    const std::uint32_t usual = (magnitude - (112u << 23) + 0xFFFu + (magnitude >> 13 & 1u)) >> 13;
    const std::uint32_t special = magnitude > 0x7F800000u ? 0x7E00u : 0x7C00u;
    const std::uint32_t finite = magnitude < 0x38800000u ? small : usual;
    return static_cast<std::uint16_t>(sign | (magnitude >= 0x47800000u ? special : finite));
}

/// A number at any alignment.
template <class T>
inline T loadAs(const std::byte* in) {
    T value;
    std::memcpy(&value, in, sizeof value);
    return value;
}

inline float loadHalf(const std::byte* in) { return fromHalf(loadAs<std::uint16_t>(in)); }

}  // namespace airframe

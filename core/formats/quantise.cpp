// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled without contraction of a*b+c, as dequantise.cpp: a fused product would round some values to the other side.
#include "core/formats/quantise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/formats/dequantise.h"
#include "core/formats/half.h"

namespace airframe {
namespace {

constexpr std::size_t block = 32;
constexpr std::uint32_t infinite = 0x7F800000u;

// Floats as integers, because the largest of integers is found in vectors and that of floats, which may be no numbers, is not.
std::uint32_t magnitudeOf(float x) { return std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFu; }

/// The largest magnitude, as bits: infinite or more if any value is not finite.
std::uint32_t largestMagnitude(const float* x, std::size_t count) {
    std::uint32_t largest = 0;
    for (std::size_t j = 0; j < count; ++j) largest = std::max(largest, magnitudeOf(x[j]));
    return largest;
}

/// Index of the first value whose magnitude is at least that.
std::size_t firstFrom(const float* x, std::size_t count, std::uint32_t magnitude) {
    return static_cast<std::size_t>(std::find_if(x, x + count, [&](float v) { return magnitudeOf(v) >= magnitude; }) - x);
}

void put(std::byte* out, std::uint16_t half) { std::memcpy(out, &half, sizeof half); }

/// Scales and minima are stored in float16; one that overflows would bring infinities back.
bool fits(float scale) { return std::isfinite(fromHalf(toHalf(scale))); }

/// 1 / scale; 0 for a block of zeros, and for values so small (below 1e-36) that the quotient overflows.
float inverseOf(float scale) {
    const float inverse = scale != 0 ? 1 / scale : 0;
    return std::isfinite(inverse) ? inverse : 0;
}

std::size_t toF32(std::span<const float> values, std::byte* out) {
    std::memcpy(out, values.data(), values.size_bytes());
    return firstFrom(values.data(), values.size(), infinite);
}

std::size_t toF16(std::span<const float> values, std::byte* out) {
    constexpr auto too_large = std::bit_cast<std::uint32_t>(65520.f);  // rounds to infinity
    if (largestMagnitude(values.data(), values.size()) >= too_large) return firstFrom(values.data(), values.size(), too_large);
    for (std::size_t i = 0; i < values.size(); ++i) put(out + 2 * i, toHalf(values[i]));
    return values.size();
}

/// Runs `one(x, largest, out)` over every block of 32; it returns false if the block's scale does not fit.
template <class One>
std::size_t eachBlock(std::span<const float> values, std::byte* out, std::size_t bytes, One&& one) {
    for (std::size_t at = 0; at < values.size(); at += block, out += bytes) {
        const float* x = values.data() + at;
        const std::uint32_t largest = largestMagnitude(x, block);
        if (largest >= infinite) return at + firstFrom(x, block, infinite);
        if (!one(x, largest, out)) return at + firstFrom(x, block, largest);
    }
    return values.size();
}

/// Two nibbles a byte: value j in the low half of byte j, value j + 16 in the high half.
void putNibbles(std::byte* out, const std::array<std::uint8_t, block>& q) {
    for (std::size_t j = 0; j < block / 2; ++j) out[j] = static_cast<std::byte>(q[j] | q[j + block / 2] << 4);
}

std::size_t toQ8_0(std::span<const float> values, std::byte* to) {
    return eachBlock(values, to, 34, [](const float* x, std::uint32_t largest, std::byte* out) {
        const float d = std::bit_cast<float>(largest) / 127, inverse = inverseOf(d);
        if (!fits(d)) return false;
        put(out, toHalf(d));
        std::array<std::int8_t, block> q;
        for (std::size_t j = 0; j < block; ++j) {
            const float scaled = x[j] * inverse;
            const int whole = static_cast<int>(scaled);
            const float rest = scaled - static_cast<float>(whole);  // exact; halves are rounded away from zero
            q[j] = static_cast<std::int8_t>(whole + (rest >= 0.5f) - (rest <= -0.5f));
        }
        std::memcpy(out + 2, q.data(), block);
        return true;
    });
}

/// The value of largest magnitude (the first such) becomes -8, whose side has one level more.
std::size_t toQ4_0(std::span<const float> values, std::byte* to) {
    return eachBlock(values, to, 18, [](const float* x, std::uint32_t largest, std::byte* out) {
        const float d = x[firstFrom(x, block, largest)] / -8, inverse = inverseOf(d);
        if (!fits(d)) return false;
        put(out, toHalf(d));
        std::array<std::uint8_t, block> q;
        for (std::size_t j = 0; j < block; ++j) q[j] = static_cast<std::uint8_t>(std::min(15, static_cast<int>(x[j] * inverse + 8.5f)));
        putNibbles(out + 2, q);
        return true;
    });
}

/// A finite float as an integer of the same order, and back.
std::int32_t ordered(float x) {
    const auto bits = std::bit_cast<std::int32_t>(x);
    return bits ^ (bits >> 31 & 0x7FFFFFFF);
}
float unordered(std::int32_t order) { return std::bit_cast<float>(order ^ (order >> 31 & 0x7FFFFFFF)); }

/// The smallest value becomes 0, the largest 15.
std::size_t toQ4_1(std::span<const float> values, std::byte* to) {
    return eachBlock(values, to, 20, [](const float* x, std::uint32_t, std::byte* out) {
        std::int32_t lowest = ordered(x[0]), highest = lowest;
        for (std::size_t j = 1; j < block; ++j) {
            lowest = std::min(lowest, ordered(x[j]));
            highest = std::max(highest, ordered(x[j]));
        }
        const float low = unordered(lowest), d = (unordered(highest) - low) / 15, inverse = inverseOf(d);
        if (!fits(d) || !fits(low)) return false;
        put(out, toHalf(d));
        put(out + 2, toHalf(low));
        std::array<std::uint8_t, block> q;
        for (std::size_t j = 0; j < block; ++j) q[j] = static_cast<std::uint8_t>(std::min(15, static_cast<int>((x[j] - low) * inverse + 0.5f)));
        putNibbles(out + 4, q);
        return true;
    });
}

}  // namespace

std::span<const Quantiser> quantisers() {
    static const std::array<Quantiser, 5> rows{{{"F32", storedType("F32"), toF32},
                                                {"F16", storedType("F16"), toF16},
                                                {"Q8_0", storedType("Q8_0"), toQ8_0},
                                                {"Q4_0", storedType("Q4_0"), toQ4_0},
                                                {"Q4_1", storedType("Q4_1"), toQ4_1}}};
    return rows;
}

const Quantiser* quantiser(std::string_view name) {
    for (const Quantiser& row : quantisers()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

}  // namespace airframe

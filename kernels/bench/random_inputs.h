// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "kernels/bf16.h"

namespace airframe::kernels::bench {

using Floats = std::vector<float>;

inline Floats normal(std::mt19937_64& random, std::size_t n, float scale = 1.0f) {
    std::normal_distribution<float> draw(0.0f, scale);
    Floats out(n);
    for (float& x : out) x = draw(random);
    return out;
}

/// Rounds every value to bfloat16 in place, so that float32 and bf16 kernels see the same inputs, and returns the bits.
inline std::vector<Bf16> roundedToBf16(Floats& x) {
    std::vector<Bf16> bits(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        bits[i] = toBf16(x[i]);
        x[i] = toFloat(bits[i]);
    }
    return bits;
}

enum class Gates { normal, zero, strong, reset };
struct NamedGates {
    Gates kind;
    const char* name;
};
inline constexpr NamedGates gate_kinds[] = {
    {Gates::normal, "normal"}, {Gates::zero, "g=0"}, {Gates::strong, "strong"}, {Gates::reset, "reset"}};

/// Log decays <= 0: uniform in (-1, 0]; all zero; from 0 to -400 mixed; or every fifth one a reset (-inf).
inline Floats gates(std::mt19937_64& random, std::size_t n, Gates kind) {
    std::uniform_real_distribution<float> draw(0.0f, 1.0f);
    static constexpr float extremes[] = {0.0f, -1e-7f, -0.1f, -20.0f, -100.0f, -400.0f};
    Floats out(n, 0.0f);
    for (float& g : out) {
        if (kind == Gates::normal) g = -draw(random);
        if (kind == Gates::strong) g = extremes[random() % 6];
        if (kind == Gates::reset) g = random() % 5 == 0 ? -std::numeric_limits<float>::infinity() : -draw(random);
    }
    return out;
}

}  // namespace airframe::kernels::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/quantized_linear_reference.h"

#include <cmath>
#include <cstring>

#include "kernels/bf16.h"

namespace airframe::kernels::reference {
namespace {

/// A binary16 by its definition: sign, exponent, fraction.
double half(const std::byte* from) {
    std::uint16_t bits;
    std::memcpy(&bits, from, sizeof bits);
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -size : size;
}

}  // namespace

std::vector<double> dequantize(WeightType type, const std::byte* rows, std::size_t n, std::size_t k) {
    std::vector<double> out(n * k);
    if (!isQuantised(type)) {
        for (std::size_t i = 0; i < n * k; ++i) {
            float value;
            Bf16 bits;
            if (type == WeightType::float32) std::memcpy(&value, rows + 4 * i, 4), out[i] = value;
            if (type == WeightType::bfloat16) std::memcpy(&bits, rows + 2 * i, 2), out[i] = toFloat(bits);
            if (type == WeightType::float16) out[i] = half(rows + 2 * i);
        }
        return out;
    }
    const std::size_t scales = scalesOf(type), header = 2 * scales * (hasMinimum(type) ? 2 : 1), size = weightRowBytes(type, weight_block);
    for (std::size_t block = 0; block < n * k / weight_block; ++block) {
        const std::byte* from = rows + block * size;
        for (std::size_t i = 0; i < weight_block; ++i) {
            const std::size_t s = i * scales / weight_block;
            const double d = half(from + 2 * s), m = hasMinimum(type) ? half(from + 2 * (scales + s)) : 0;
            const auto byte = static_cast<int>(from[header + (hasBytes(type) ? i : i % 16)]);
            const int nibble = i < 16 ? byte & 15 : byte >> 4;
            const int value = hasBytes(type) ? (byte < 128 ? byte : byte - 256) : type == WeightType::q4_0 ? nibble - 8 : nibble;
            out[block * weight_block + i] = d * value + m;
        }
    }
    return out;
}

std::vector<double> linear(const std::vector<double>& x, const std::vector<double>& w, std::size_t r, std::size_t n, std::size_t k) {
    std::vector<double> y(r * n, 0);
    for (std::size_t i = 0; i < r; ++i)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t c = 0; c < k; ++c) y[i * n + j] += x[i * k + c] * w[j * k + c];
    return y;
}

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/quantized_vector.cuh"

#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

/// Halves whose values are plain: 2^-4 to 2^3 times 1 to 1.75, of either sign if wanted.
std::uint16_t half(std::mt19937_64& random, bool either_sign) {
    return static_cast<std::uint16_t>((either_sign ? random() % 2 << 15 : 0) | (11 + random() % 8) << 10 |
                                      (random() % 4) << 8);
}
double valueOf(std::uint16_t half) {
    return (half >> 15 ? -1 : 1) * std::ldexp(1.0 + (half & 1023) / 1024.0, (half >> 10 & 31) - 15);
}

void check(std::size_t rows, std::size_t n, int bits, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    const std::size_t blocks = n / 32, of_block = bits == 8 ? 32 : 16;
    std::vector<std::uint8_t> quants(rows * blocks * of_block);
    std::vector<std::uint16_t> scales;
    for (auto& q : quants) q = static_cast<std::uint8_t>(random());
    for (std::size_t b = 0; b < rows * blocks; ++b) {
        scales.push_back(half(random, false));
        if (bits == 4) scales.push_back(half(random, true));
    }
    const auto x = bench::normal(random, n);
    std::vector<double> want(rows, 0.0);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < n; ++c) {
            const std::size_t block = r * blocks + c / 32, i = c % 32;
            const double w = bits == 8
                                 ? valueOf(scales[block]) * static_cast<std::int8_t>(quants[block * 32 + i])
                                 : valueOf(scales[2 * block]) * (quants[block * 16 + i % 16] >> (i / 16 * 4) & 15) +
                                       valueOf(scales[2 * block + 1]);
            want[r] += w * x[c];
        }
    GlobalArray<std::uint8_t> gq("quants", quants);
    GlobalArray<std::uint16_t> gs("scales", scales);
    GlobalArray<float> gx("x", x);
    auto y = unwritten("y", rows);
    const QuantizedVectorArguments p{static_cast<int>(rows), static_cast<int>(n), gq, gs, gx, y};
    run("quantized_vector", quantizedVectorGrid(rows), seed,
        [&] { bits == 8 ? quantizedVector8(p) : quantizedVector4(p); });
    report.compare(std::to_string(bits) + " bits, " + std::to_string(rows) + "x" + std::to_string(n),
                   relativeError(y.values(), want), 1e-6);
}

}  // namespace

void checkQuantizedVector(std::uint64_t seed, Report& report) {
    for (const int bits : {8, 4})
        for (const auto& [rows, n] : {std::pair<std::size_t, std::size_t>{1, 32}, {3, 544}, {9, 1536}, {16, 1024}})
            check(rows, n, bits, seed, report);
}

}  // namespace airframe::kernels::cuda::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/quantized_vector.cuh"

#include "tests/kernels/quantized_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <WeightType W, int XRows, class X>
void check(std::size_t rows, std::size_t n, std::size_t k, int lanes, bool add, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    EmulatedWeight weight(W, n, k, random);
    const std::size_t x_stride = k + 4 * (rows - 1), y_stride = n + 3 * (rows - 1);
    auto x = bench::normal(random, rows * x_stride);
    const auto before = bench::normal(random, rows * y_stride);
    GlobalArray<X> gx("x", inputs<X>(x));
    GlobalArray<float> y("y", before);
    QuantizedVectorArguments<X> p{
        weight.kernelView(), static_cast<int>(rows), lanes, 1, add, x_stride, y_stride, gx, y};
    p.tile_steps = quantizedVectorTileSteps<W>(k, lanes);
    run("quantized_vector", quantizedVectorGrid<W, XRows>(p), seed, [&] { quantizedVector<W, XRows>(p); });
    report.compare(weightTypeName(W) + std::string(" R=") + std::to_string(rows) + " " + std::to_string(n) + "x" +
                       std::to_string(k) + " by " + std::to_string(lanes) + " lanes",
                   relativeError(y.values(), product(x, x_stride, weight, rows, n, k, {before.begin(), before.end()},
                                                     y_stride, add)),
                   1e-6);
}

template <WeightType W>
void checkType(std::uint64_t seed, Report& report) {
    using quantized::x_rows;
    check<W, 1, float>(1, 7, 32, 8, false, seed, report);
    check<W, 1, Bf16>(1, 67, 544, 16, true, seed, report);
    check<W, 1, float>(1, 9, 5152, 64, false, seed, report);  // x in more than one tile, the last of which is not full
    check<W, x_rows, float>(6, 17, 1568, 32, false, seed, report);
    check<W, x_rows, Bf16>(3, 5, 4256, 128, true, seed, report);
}

/// As the host would call it: the lanes for a device of `multiprocessors`.
template <WeightType W>
void checkLanes(std::size_t n, std::size_t k, std::size_t multiprocessors, int wanted, Report& report) {
    const int lanes = quantizedVectorLanes<W>(n, k, multiprocessors);
    report.compare("lanes for " + std::to_string(n) + "x" + std::to_string(k), lanes == wanted ? 0 : 1, 0);
}

}  // namespace

void checkQuantizedVector(std::uint64_t seed, Report& report) {
    checkType<WeightType::q8_0>(seed, report);
    checkType<WeightType::q4_0>(seed, report);
    checkType<WeightType::q4_1>(seed, report);
    checkType<WeightType::bfloat16>(seed, report);
    checkType<WeightType::float16>(seed, report);
    checkLanes<WeightType::q4_0>(8960, 1536, 132, 16, report);
    checkLanes<WeightType::q8_0>(49152, 576, 132, 8, report);
    checkLanes<WeightType::q8_0>(1536, 8960, 132, 128, report);
    checkLanes<WeightType::q4_1>(576, 576, 132, 32, report);  // 18 chunks
}

}  // namespace airframe::kernels::cuda::test

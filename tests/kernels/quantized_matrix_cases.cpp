// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/quantized_matrix.cuh"

#include "tests/kernels/quantized_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <WeightType W, class Tiling>
void check(std::size_t rows, std::size_t n, std::size_t k, bool add, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    EmulatedWeight weight(W, n, k, random);
    const std::size_t x_stride = k + 8 * (rows - 1), y_stride = n + 3 * (rows - 1);
    auto x = bench::normal(random, rows * x_stride);
    const auto before = bench::normal(random, rows * y_stride);
    GlobalArray<Bf16> gx("x", bench::roundedToBf16(x));
    GlobalArray<float> y("y", before);
    const QuantizedMatrixArguments p{weight.kernelView(), static_cast<int>(rows), add, x_stride, y_stride, gx, y};
    run("quantized_matrix", quantizedMatrixGrid<Tiling>(n, rows), seed, [&] { quantizedMatrix<W, Tiling>(p); });
    report.compare(weightTypeName(W) + std::string(" R=") + std::to_string(rows) + " " + std::to_string(n) + "x" +
                       std::to_string(k),
                   relativeError(y.values(), product(x, x_stride, weight, rows, n, k, {before.begin(), before.end()},
                                                     y_stride, add)),
                   5e-3);
}

template <WeightType W>
void checkType(std::uint64_t seed, Report& report) {
    using namespace quantized;
    check<W, NarrowTiling>(1, 7, 32, false, seed, report);
    check<W, NarrowTiling>(35, 70, 224, true, seed, report);
    check<W, SmallTiling>(33, 37, 544, true, seed, report);
    check<W, WideTiling>(131, 133, 224, false, seed, report);
}

}  // namespace

void checkQuantizedMatrix(std::uint64_t seed, Report& report) {
    checkType<WeightType::q8_0>(seed, report);
    checkType<WeightType::q4_0>(seed, report);
    checkType<WeightType::q4_1>(seed, report);
    checkType<WeightType::bfloat16>(seed, report);
    checkType<WeightType::float16>(seed, report);
    check<WeightType::q4_1, quantized::WideTiling>(128, 128, 128, true, seed, report);
}

}  // namespace airframe::kernels::cuda::test

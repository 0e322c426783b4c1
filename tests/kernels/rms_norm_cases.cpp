// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/rms_norm.cuh"

#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <class X, class Y>
void check(std::size_t rows, std::size_t n, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    auto x = bench::normal(random, rows * n);
    const auto weight = bench::normal(random, n);
    GlobalArray<X> gx("x", inputs<X>(x));
    GlobalArray<float> gw("weight", weight);
    auto y = unwritten<Y>("y", rows * n);
    run("rms_norm", rmsNormGrid(rows), seed, [&] {
        rmsNorm(RmsNormArguments<X, Y>{static_cast<int>(n), 1e-2f, gx, gw, y});
    });
    std::vector<double> want;
    for (std::size_t r = 0; r < rows; ++r) {
        double squares = 0;
        for (std::size_t c = 0; c < n; ++c) squares += double(x[r * n + c]) * x[r * n + c];
        for (std::size_t c = 0; c < n; ++c)
            want.push_back(x[r * n + c] / std::sqrt(squares / static_cast<double>(n) + double(1e-2f)) * weight[c]);
    }
    report.compare((sizeof(Y) == 2 ? "to bf16 n=" : "to float32 n=") + std::to_string(n),
                   relativeError(y.values(), want), sizeof(Y) == 2 ? 5e-3 : 1e-6);
}

}  // namespace

void checkRmsNorm(std::uint64_t seed, Report& report) {
    check<float, float>(3, 576, seed, report);
    check<float, Bf16>(2, 70, seed, report);
    check<Bf16, Bf16>(1, 257, seed, report);
}

}  // namespace airframe::kernels::cuda::test

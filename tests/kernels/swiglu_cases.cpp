// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/swiglu.cuh"

#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <class X, class Y>
void check(std::size_t rows, std::size_t n, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    auto x = bench::normal(random, rows * 2 * n, 4);
    GlobalArray<X> gx("gate_up", inputs<X>(x));
    auto y = unwritten<Y>("y", rows * n);
    run("swiglu", swigluGrid(rows * n), seed, [&] {
        swiglu(SwigluArguments<X, Y>{static_cast<int>(n), rows * n, gx, y});
    });
    std::vector<double> want;
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < n; ++c) {
            const double gate = x[r * 2 * n + c];
            want.push_back(gate / (1 + std::exp(-gate)) * x[r * 2 * n + n + c]);
        }
    report.compare((sizeof(Y) == 2 ? "to bf16 n=" : "to float32 n=") + std::to_string(n),
                   relativeError(y.values(), want), sizeof(Y) == 2 ? 5e-3 : 1e-6);
}

}  // namespace

void checkSwiglu(std::uint64_t seed, Report& report) {
    check<float, float>(2, 300, seed, report);
    check<float, Bf16>(3, 65, seed, report);
    check<Bf16, Bf16>(1, 256, seed, report);
}

}  // namespace airframe::kernels::cuda::test

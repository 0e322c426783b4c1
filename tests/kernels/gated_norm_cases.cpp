// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_norm.cuh"

#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <class T>
void check(std::uint64_t seed, Report& report) {
    struct Case {
        int rows, heads, v, gap;  ///< gap: elements of the gate's row that are not the gate's
    };
    for (const auto& [rows, heads, v, gap] :
         {Case{1, 1, 1, 0}, Case{3, 2, 37, 5}, Case{2, 3, 128, 8}, Case{1, 3, 256, 0}}) {
        std::mt19937_64 random(seed);
        const auto n = static_cast<std::size_t>(rows * heads * v);
        const int stride = heads * v + gap;
        const auto x = bench::normal(random, n), weight = bench::normal(random, static_cast<std::size_t>(v));
        auto gate = bench::normal(random, static_cast<std::size_t>((rows - 1) * stride + heads * v), 3.0f);
        const std::vector<T> gate_elements = inputs<T>(gate);
        std::vector<double> want(n);
        for (int r = 0; r < rows; ++r)
            for (int h = 0; h < heads; ++h) {
                const auto at = static_cast<std::size_t>((r * heads + h) * v),
                           gate_at = static_cast<std::size_t>(r * stride + h * v);
                double sum = 0;
                for (std::size_t c = 0; c < static_cast<std::size_t>(v); ++c) sum += double(x[at + c]) * x[at + c];
                for (std::size_t c = 0; c < static_cast<std::size_t>(v); ++c)
                    want[at + c] = x[at + c] / std::sqrt(sum / v + 1e-5) * weight[c] * gate[gate_at + c] /
                                   (1 + std::exp(-double(gate[gate_at + c])));
            }
        GlobalArray<float> gx("x", x), gw("weight", weight);
        GlobalArray<T> gg("gate", gate_elements);
        auto y = unwritten<T>("y", n);
        GatedNormArguments<T> p{rows, heads, v, stride, 1e-5f, v % 4 == 0 && stride % 4 == 0, gx, gw, gg, y};
        run("gated_norm", gatedNormGrid(static_cast<std::size_t>(rows), static_cast<std::size_t>(heads)), seed,
            [&] { gatedNorm(p); });
        report.compare("V=" + std::to_string(v) + " y", relativeError(y.values(), want), sizeof(T) == 2 ? 5e-3 : 1e-6);
    }
}

}  // namespace

void checkGatedNorm(std::uint64_t seed, Report& report) {
    check<float>(seed, report);
    check<Bf16>(seed, report);
}

}  // namespace airframe::kernels::cuda::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/log_sum_exp.h"

namespace airframe::kernels::bench {
namespace {

/// Against a plain double-precision sum, in float32 and in bfloat16 (the bits of which are exact inputs).
void checkCase(std::size_t n, float scale, std::mt19937_64& random, std::vector<Check>& out) {
    constexpr std::size_t rows = 3;
    Floats x = normal(random, rows * n, scale);
    const std::vector<Bf16> bits = roundedToBf16(x);
    std::vector<double> want;
    for (std::size_t r = 0; r < rows; ++r) {
        double top = x[r * n], sum = 0;
        for (std::size_t j = 0; j < n; ++j) top = std::max<double>(top, x[r * n + j]);
        for (std::size_t j = 0; j < n; ++j) sum += std::exp(x[r * n + j] - top);
        want.push_back(top + std::log(sum));
    }
    Guarded plain(rows), half(rows);
    logSumExp(x.data(), n, plain.data(), 0, rows);
    logSumExp(bits.data(), n, half.data(), 0, rows);
    const std::string name = "log_sum_exp n=" + std::to_string(n) + " scale=" + std::to_string(static_cast<int>(scale));
    out.push_back({name + " float32", plain.error(want), 1e-6});
    out.push_back({name + " bf16", half.error(want), 1e-6});
}

}  // namespace

void checkLogSumExp(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const std::size_t n : {1u, 15u, 33u, 1000u, 49152u})
        for (const float scale : {1.0f, 100.0f}) checkCase(n, scale, random, out);
}

void timeLogSumExp(std::vector<Timing>& out) {
    constexpr std::size_t rows = 16, n = 49152;
    const std::vector<float> x(rows * n, 0.5f);
    const std::vector<Bf16> half(rows * n, toBf16(0.5f));
    std::vector<float> y(rows);
    timeInto(out, {"log_sum_exp n=49152", "row", 0, 0, 4.0 * n, 2.0 * n}, rows, [&] { logSumExp(x.data(), n, y.data(), 0, rows); });
    timeInto(out, {"log_sum_exp n=49152 bf16", "row", 0, 0, 2.0 * n, 2.0 * n}, rows, [&] { logSumExp(half.data(), n, y.data(), 0, rows); });
}

}  // namespace airframe::kernels::bench

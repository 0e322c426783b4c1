// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/bench/random_inputs.h"
#include "kernels/cuda/grid.h"
#include "tests/support/emulated_device.h"

namespace airframe::kernels::cuda::test {

/// Takes the comparisons of one kernel with its reference.
class Report {
  public:
    virtual ~Report() = default;
    /// `error` is relative, root mean square; NaN fails.
    virtual void compare(const std::string& name, double error, double limit) = 0;
};

/// One row of the table of emulated kernels.
struct EmulatedKernel {
    const char* name;
    void (*check)(std::uint64_t seed, Report& report);
};

void checkGatedDeltaRecurrent(std::uint64_t seed, Report& report);
void checkGatedDeltaChunked(std::uint64_t seed, Report& report);
void checkLinearScan(std::uint64_t seed, Report& report);
void checkLinearScanChunked(std::uint64_t seed, Report& report);
void checkDeltaProduct(std::uint64_t seed, Report& report);
void checkShortConv(std::uint64_t seed, Report& report);
void checkDynamicConv(std::uint64_t seed, Report& report);
void checkGatedNorm(std::uint64_t seed, Report& report);
void checkQuantizedVector(std::uint64_t seed, Report& report);
void checkQuantizedMatrix(std::uint64_t seed, Report& report);
void checkEmbedding(std::uint64_t seed, Report& report);
void checkRmsNorm(std::uint64_t seed, Report& report);
void checkSwiglu(std::uint64_t seed, Report& report);
void checkQkvRotary(std::uint64_t seed, Report& report);
void checkAttentionDecode(std::uint64_t seed, Report& report);
void checkAttentionPrefill(std::uint64_t seed, Report& report);
void checkGeneratedConv(std::uint64_t seed, Report& report);

inline void run(const char* kernel, const Grid& grid, std::uint64_t seed, const std::function<void()>& body) {
    emulated::run({kernel, static_cast<int>(grid.x), static_cast<int>(grid.y), static_cast<int>(grid.z),
                   static_cast<int>(grid.threads), grid.shared},
                  seed, body);
}

/// An output: NaN until it is written.
template <class T = float>
GlobalArray<T> unwritten(const char* name, std::size_t n) {
    T nan;
    assign(nan, std::numeric_limits<float>::quiet_NaN());
    return {name, std::vector<T>(n, nan)};
}
/// Inputs as T: rounded in place if that is bfloat16, so that the reference sees what the kernel sees.
template <class T>
std::vector<T> inputs(bench::Floats& x) {
    if constexpr (sizeof(T) == 2)
        return bench::roundedToBf16(x);
    else
        return x;
}

template <class T>
double relativeError(const std::vector<T>& got, const std::vector<double>& want) {
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double d = toFloat(got[i]) - want[i];
        difference += d * d;
        size += want[i] * want[i];
    }
    const double n = static_cast<double>(want.size());
    return got.size() == want.size() ? std::sqrt(difference / n) / (std::sqrt(size / n) + 1e-8) : INFINITY;
}

}  // namespace airframe::kernels::cuda::test

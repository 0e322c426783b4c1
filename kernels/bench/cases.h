// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace airframe::kernels::bench {

/// One comparison with the reference: relative root-mean-square error against its limit.
struct Check {
    std::string name;
    double error = 0, limit = 0;
    [[nodiscard]] bool passed() const { return error <= limit; }  // NaN fails
};

/// Every operator over its edge cases: odd lengths and sizes, carried state, extreme gates, resets, gradients.
/// Outputs are filled with NaN first and stand between guard zones; a touched guard counts as an infinite error.
[[nodiscard]] std::vector<Check> runChecks(std::uint64_t seed);

/// The part of it for what stands between the matrix products: norms, gates, rotary, SwiGLU, and the convolution in bf16.
[[nodiscard]] std::vector<Check> runRowChecks(std::uint64_t seed);

/// One timing, best and median of the repeats, after its own check passed.
struct Timing {
    std::string name;
    double best_us = 0, median_us = 0;  ///< per token and head (rule) or per token
};
[[nodiscard]] std::vector<Timing> runTimings();

}  // namespace airframe::kernels::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace airframe::kernels::bench {

/// One comparison with the reference: relative root-mean-square error against its limit.
struct Check {
    std::string name;
    double error = 0, limit = 0;
    [[nodiscard]] bool passed() const { return error <= limit; }  // NaN fails
};

/// One timing. Times, bytes and flops are per unit of work: "token and head", "token", "row".
struct Timing {
    std::string name, unit;
    double best_us = 0, median_us = 0;
    double bytes = 0;  ///< that must be read and written if nothing stays in a cache but what the operator itself reuses
    double flops = 0;  ///< of the formula as the reference states it, a multiply-add counting two
    unsigned threads = 1;
    bool bf16 = false;  ///< its products are bf16 dot products where the processor has such
};

/// One row of the table of operators: how it is held against its reference, and how it is timed.
struct Operator {
    const char* name;
    /// Edge cases: odd lengths and sizes, carried state, extreme gates, resets, gradients. Outputs are filled with NaN
    /// first and stand between guard zones; a touched guard counts as an infinite error.
    void (*check)(std::uint64_t seed, std::vector<Check>& out);
    void (*time)(std::vector<Timing>& out);
};

/// THE table: selftest and bench loop over it.
[[nodiscard]] std::span<const Operator> operators();
/// The same for the operators on a CUDA device (cuda_bench.cpp).
[[nodiscard]] std::span<const Operator> cudaOperators();

// One pair per operator or family, in NAME_bench.cpp.
void checkGatedDelta(std::uint64_t seed, std::vector<Check>& out);
void checkGatedDeltaForms(std::uint64_t seed, std::vector<Check>& out);  // a part of the above, in gated_delta_checks.cpp
void timeGatedDelta(std::vector<Timing>& out);
void checkAttention(std::uint64_t seed, std::vector<Check>& out);
void timeAttention(std::vector<Timing>& out);
void checkDynamicConv(std::uint64_t seed, std::vector<Check>& out);
void timeDynamicConv(std::vector<Timing>& out);
void checkLayer(std::uint64_t seed, std::vector<Check>& out);
void timeLayer(std::vector<Timing>& out);
void checkDeltaProduct(std::uint64_t seed, std::vector<Check>& out);
void timeDeltaProduct(std::vector<Timing>& out);
void checkLinearScan(std::uint64_t seed, std::vector<Check>& out);
void timeLinearScan(std::vector<Timing>& out);
void checkShortConv(std::uint64_t seed, std::vector<Check>& out);
void timeShortConv(std::vector<Timing>& out);
void checkLogSumExp(std::uint64_t seed, std::vector<Check>& out);
void timeLogSumExp(std::vector<Timing>& out);
void checkQuantizedLinear(std::uint64_t seed, std::vector<Check>& out);
void timeQuantizedLinear(std::vector<Timing>& out);
void checkRows(std::uint64_t seed, std::vector<Check>& out);
void timeRows(std::vector<Timing>& out);

}  // namespace airframe::kernels::bench

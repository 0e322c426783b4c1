// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace airframe::kernels::bench {

/// What this machine reaches with `threads` threads, measured now: the bounds that timings are given as shares of.
struct Machine {
    unsigned threads = 1;
    double read_gb_s = 0;      ///< GB/s summing an array far larger than any cache
    double fp32_gflop_s = 0;   ///< GFLOP/s of independent float32 multiply-adds in registers
    double bf16_gflop_s = 0;   ///< of bf16 dot products summed in float32; 0 where the processor has none
};
[[nodiscard]] Machine measureMachine(unsigned threads);
/// Of the CUDA device: bytes read and written by a copy, and the peak that its clock allows.
[[nodiscard]] Machine measureCudaDevice();

}  // namespace airframe::kernels::bench

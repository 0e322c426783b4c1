// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// out[r] = log( sum_j exp(x[r, j]) ) for rows `begin` to `end` of x [rows, n], stable for any finite x: exponentials of
/// differences from the row's maximum only. Two passes over the row, sums in float32. n >= 1.
void logSumExp(const float* x, std::size_t n, float* out, std::size_t begin, std::size_t end);
void logSumExp(const Bf16* x, std::size_t n, float* out, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

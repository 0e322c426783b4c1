// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// y = x / sqrt(mean(x^2) + eps) * weight for rows `begin` to `end` of x and y [R, n], weight [n] (Zhang and Sennrich,
/// arXiv 1910.07467). Sums in float32, rounded once when stored. y may be x. Nothing is checked.
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, float* y, std::size_t begin, std::size_t end);
void rmsNorm(const Bf16* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end);
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/weight_format.h"

namespace airframe::kernels::reference {

/// n rows of k values out of their stored form, by the formulas of weight_format.h.
[[nodiscard]] std::vector<double> dequantize(WeightType type, const std::byte* rows, std::size_t n, std::size_t k);

/// y [r, n] = x [r, k] w [n, k]^T.
[[nodiscard]] std::vector<double> linear(const std::vector<double>& x, const std::vector<double>& w, std::size_t r,
                                         std::size_t n, std::size_t k);

}  // namespace airframe::kernels::reference

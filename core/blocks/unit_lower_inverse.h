// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// (I + tril(a, -1))^-1 for a [N, C, C], differentiable in a; what lies on and above a's diagonal is not read.
/// Forward substitution row by row, in the type of a (float32 or float64): no pivots are needed for a unit diagonal.
/// With X the result, the gradient is  da = -tril(X^T dX X^T, -1).
[[nodiscard]] at::Tensor unitLowerInverse(const at::Tensor& a);

}  // namespace airframe

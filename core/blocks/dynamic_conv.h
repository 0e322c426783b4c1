// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// JetBlock's dynamic causal convolution with SiLU (arXiv 2508.15884, section 2.4), differentiable:
///   y[b, t, d] = silu( sum_{w=0..3} taps[b, t, d, w] * u[b, t-3+w, d] )      tap 3 multiplies the current token
/// u [B, T, C], taps [B, T, C*4] (tap fastest), history [B, C, 4] (the last four raw inputs, oldest first) or undefined
/// for the start of a sequence -> y [B, T, C] in the type of u. Sums in float32 (float64 for float64).
[[nodiscard]] at::Tensor dynamicConv(const at::Tensor& u, const at::Tensor& taps, const at::Tensor& history);

/// The last four raw inputs of the stream `history` followed by u: [B, C, 4], oldest first, 0 where there is no input.
[[nodiscard]] at::Tensor convHistory(const at::Tensor& u, const at::Tensor& history);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace airframe {

// The operators of kernels/ as differentiable LibTorch operations, for float32 tensors on a CPU. Work is split over
// LibTorch's threads; gradients come from the kernels' own backward passes, first order only.

/// True if the native operators can take a tensor like this one.
[[nodiscard]] bool nativeFits(const at::Tensor& x);

/// The gated delta rule, with q and k divided by their lengths inside (eps 1e-6 in the root). Shapes as in gated_delta.h.
/// Throws Failure(internal) if a tensor does not fit.
[[nodiscard]] std::pair<at::Tensor, at::Tensor> gatedDeltaNative(const at::Tensor& q, const at::Tensor& k,
                                                                 const at::Tensor& v, const at::Tensor& g,
                                                                 const at::Tensor& beta, const at::Tensor& initial);

/// The dynamic convolution with SiLU: u [B, T, C], taps [B, T, C*4], history [B, C, 4] or undefined -> [B, T, C].
[[nodiscard]] at::Tensor dynamicConvNative(const at::Tensor& u, const at::Tensor& taps, const at::Tensor& history);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>

namespace airframe {

/// Whether the native operators without gradients serve these tensors: float32 or bf16 on a CPU, and no backward pass
/// can follow.
[[nodiscard]] bool nativeForwardFits(std::initializer_list<at::Tensor> tensors);

// What stands between the matrix products, one pass each (kernels/). Only where nativeForwardFits. Types as the input's.

/// x [.., D], weight [D] float32 -> [.., D] (kernels/rms_norm.h).
[[nodiscard]] at::Tensor rmsNormNative(const at::Tensor& x, const at::Tensor& weight, double eps);
/// gate_up [.., 2F], gate first -> silu(gate) * up [.., F] (kernels/swiglu.h).
[[nodiscard]] at::Tensor swigluNative(const at::Tensor& gate_up);
/// x [B, T, N, d], rows of any stride -> turned [B, T, N, d]; cosine and sine [T, 1, d] float32 (kernels/rotary.h).
[[nodiscard]] at::Tensor rotaryNative(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

}  // namespace airframe

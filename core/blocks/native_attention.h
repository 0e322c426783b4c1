// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// Causal attention of T new tokens, the last of S positions: q [B, H, T, d], k and v [B, G, S, d] (views of a larger
/// cache are fine, and never copied or expanded) -> [B, H, T, d] in the type of q. Query head h reads head h / (H/G).
/// Scores, softmax and sums in float32; in bf16 the weights are rounded to bf16 before they meet the values.
/// By kernels/attention.h on a CPU where no gradient is wanted, else by LibTorch.
[[nodiscard]] at::Tensor causalAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

}  // namespace airframe

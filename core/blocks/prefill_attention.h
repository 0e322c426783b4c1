// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// Causal attention of T new tokens, the last of S positions: q [B, H, T, d], k and v [B, G, S, d] -> [B, H, T, d] in
/// the type of q. Query head h reads head h / (H/G). Scores, softmax and sums in float32; in bf16 the weights are
/// rounded to bf16 before they meet the values.
[[nodiscard]] at::Tensor prefillAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

/// The bf16 form for a CPU with 512-bit registers, over oneDNN's small-block products, which keep scores in float32 and
/// reach several times the speed of LibTorch's own attention there.
[[nodiscard]] at::Tensor blockedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
/// Whether blockedAttention works on this machine: found out once, by a product that is checked.
[[nodiscard]] bool blockedAttentionWorks();

}  // namespace airframe

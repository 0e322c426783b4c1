// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace airframe {

/// What is not the same in every model.
struct AttentionForm {
    double scale = 0;         ///< of the scores; 0 = d^-0.5
    std::int64_t window = 0;  ///< a query sees this many keys, its own among them; 0 = all before it
};

/// Causal attention of T new tokens, the last of S positions: q [B, H, T, d], k and v [B, G, S, d] (views of a larger
/// cache are fine, and never copied or expanded) -> [B, H, T, d] in the type of q. Query head h reads head h / (H/G).
/// Scores, softmax and sums in float32; in bf16 the weights are rounded to bf16 before they meet the values.
/// By kernels/attention.h on a CPU where no gradient is wanted, else by LibTorch.
[[nodiscard]] at::Tensor causalAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                         const AttentionForm& form = {});

}  // namespace airframe

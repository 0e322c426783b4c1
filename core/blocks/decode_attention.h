// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// Attention of one new token per sequence over everything cached: q [B, H, 1, d], k and v [B, G, S, d] (views of a
/// larger cache are fine) -> [B, H, 1, d] in the type of q. Query head h reads head h / (H/G). Scores, softmax and sums
/// in float32. The H/G queries of a head are handled together, so the cache is read once, and never copied or expanded.
[[nodiscard]] at::Tensor decodeAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace airframe {

// The gated delta rule over LibTorch operations, differentiable. Inputs: q, k [B, T, H, K] (used as given: normalise
// first), v [B, T, H, V], g [B, T, H] log decay <= 0, beta [B, T, H], initial state [B, H, K, V] or undefined.
// Output: o [B, T, H, V] and the final state [B, H, K, V]. q is multiplied by K^-0.5. All in the type of q.
//   S <- exp(g_t) S;  d = beta_t (v_t - S^T k_t);  S <- S + k_t d^T;  o_t = K^-0.5 S^T q_t     (decay first)

/// Token by token. Handles g = -inf.
[[nodiscard]] std::pair<at::Tensor, at::Tensor> gatedDeltaRecurrent(const at::Tensor& q, const at::Tensor& k,
                                                                    const at::Tensor& v, const at::Tensor& g,
                                                                    const at::Tensor& beta, const at::Tensor& initial);
/// Chunks of `chunk` tokens: the inverse of I + tril(beta K K^T) without gates, the gates outside it (FlashQLA's order
/// of operations). Differences of log decays are formed as pairwise sums, never as exp(-G).
[[nodiscard]] std::pair<at::Tensor, at::Tensor> gatedDeltaChunked(const at::Tensor& q, const at::Tensor& k,
                                                                  const at::Tensor& v, const at::Tensor& g,
                                                                  const at::Tensor& beta, const at::Tensor& initial,
                                                                  int chunk = 64);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"
#include "kernels/sequences.h"

namespace airframe::kernels {

/// What the log decay g (<= 0; -inf resets the state) depends on.
enum class Decay {
    none,      ///< no decay: plain linear attention; g is not read
    constant,  ///< g [H]: RetNet
    head,      ///< g [B, T, HG]: Mamba2, gated retention
    key,       ///< g [B, T, HG, K]: GLA
};

/// Sizes of one linear-attention call. H heads carry a state each; q, k, v and g may have fewer heads, shared by
/// neighbours: head h reads head h / (H / HQ) of q, and so on (Mamba2's groups of B and C, RetNet's shared keys and values).
struct LinearScanShape {
    std::size_t batch = 0, tokens = 0, heads = 0;                     ///< B, T, H
    std::size_t k = 0, v = 0;                                         ///< K, V: 1 to 512
    std::size_t q_heads = 0, k_heads = 0, v_heads = 0, g_heads = 0;   ///< HQ, HK, HV, HG: divisors of H; 0 = H
    std::size_t q_stride = 0, k_stride = 0, v_stride = 0;             ///< elements from token to token; 0 = dense
    std::size_t skip_stride = 0;                                      ///< the same of skip_input; 0 = dense
    Decay decay = Decay::head;
    float scale = 1.0f;  ///< of q: K^-0.5 in RetNet and GLA, 1 in Mamba2
    Sequences sequences{};
};

/// Inputs of the rule
///   S_t = diag(exp(g_t)) S_{t-1} + k_t v_t^T;   o_t = scale S_t^T q_t + D_h x_t
/// RetNet (Sun et al., arXiv 2307.08621, eq. 6), GLA (Yang et al., arXiv 2312.06635, eq. 3), Mamba2 (Dao and Gu,
/// arXiv 2405.21060, section 2: q = C, k = B, v = dt x, g = -exp(A_log) dt, scale 1, x the input of the skip).
/// T and State are float or Bf16; sums and the running state are float32 always, a state stored as Bf16 is rounded once per call.
template <class T, class State = float>
struct LinearScanInputs {
    const T* q = nullptr;              ///< [B, T, HQ, K]
    const T* k = nullptr;              ///< [B, T, HK, K]
    const T* v = nullptr;              ///< [B, T, HV, V]
    const float* g = nullptr;          ///< as Decay says
    const State* initial = nullptr;    ///< [N, H, K, V] of N sequences; nullptr = zero
    const float* skip = nullptr;       ///< [H] D; nullptr = no skip
    const T* skip_input = nullptr;     ///< [B, T, HV, V] x; needed with skip
};

template <class T, class State = float>
struct LinearScanOutputs {
    T* o = nullptr;          ///< [B, T, H, V]
    State* state = nullptr;  ///< [N, H, K, V] after the last token; nullptr = not wanted. May be `initial` itself.
                             ///< Any address will do; at multiples of 64 bytes single tokens take a quarter less time
};

/// Runs the pairs (sequence, head) number `begin` to `end` of N*H. Pairs are independent: callers split them over threads,
/// best along q and k heads, whose products neighbouring heads share. Few tokens go one by one; more go in pieces of 32 as
/// matrix products that hold only products of decays, never their inverses, so every gate down to -inf is exact.
/// Throws std::invalid_argument for a size out of range, heads that do not divide, or a missing array.
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                std::size_t begin, std::size_t end);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                std::size_t begin, std::size_t end);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float, Bf16>& in, const LinearScanOutputs<float, Bf16>& out,
                std::size_t begin, std::size_t end);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16, Bf16>& in, const LinearScanOutputs<Bf16, Bf16>& out,
                std::size_t begin, std::size_t end);

/// The shape with every 0 that stands for a default replaced.
[[nodiscard]] inline LinearScanShape filled(LinearScanShape s) {
    const auto fill = [](std::size_t& x, std::size_t value) { x = x ? x : value; };
    fill(s.q_heads, s.heads);
    fill(s.k_heads, s.heads);
    fill(s.v_heads, s.heads);
    fill(s.g_heads, s.heads);
    fill(s.q_stride, s.q_heads * s.k);
    fill(s.k_stride, s.k_heads * s.k);
    fill(s.v_stride, s.v_heads * s.v);
    fill(s.skip_stride, s.v_heads * s.v);
    return s;
}

}  // namespace airframe::kernels

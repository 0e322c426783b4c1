// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe::kernels {

/// Sizes of one gated-delta-rule call. All arrays are dense, row-major float32.
struct GatedDeltaShape {
    std::size_t batch = 0, tokens = 0, heads = 0;  ///< B, T, H (value heads = key heads here)
    std::size_t k = 0, v = 0;                      ///< K, V: any size >= 1
};

/// Inputs of the rule
///   S <- exp(g_t) S;  d = beta_t (v_t - S^T k_t);  S <- S + k_t d^T;  o_t = K^-0.5 S^T q_t     (decay first)
/// (Yang et al., Gated Delta Networks, arXiv 2412.06464, eq. 10; decay before the prediction as released with
/// Jet-Nemotron). With `l2norm`, q and k are divided by sqrt(sum of squares + 1e-6) per head first.
struct GatedDeltaInputs {
    const float* q = nullptr;        ///< [B, T, H, K]
    const float* k = nullptr;        ///< [B, T, H, K]
    const float* v = nullptr;        ///< [B, T, H, V]
    const float* g = nullptr;        ///< [B, T, H] log decay <= 0; -inf resets the state
    const float* beta = nullptr;     ///< [B, T, H]
    const float* initial = nullptr;  ///< [B, H, K, V], nullptr = zero
    bool l2norm = false;
};

struct GatedDeltaOutputs {
    float* o = nullptr;      ///< [B, T, H, V]
    float* state = nullptr;  ///< [B, H, K, V] the final state; nullptr = not wanted. May be `initial` itself (decode)
    float* saved = nullptr;  ///< [B, H, savedStates(T), K, V] states for the backward pass; nullptr = not wanted
};

struct GatedDeltaGradients {
    const float* d_o = nullptr;      ///< [B, T, H, V]
    const float* d_state = nullptr;  ///< [B, H, K, V] of the final state, nullptr = zero
    const float* saved = nullptr;    ///< from the forward pass
    float* d_q = nullptr;            ///< [B, T, H, K]
    float* d_k = nullptr;            ///< [B, T, H, K]
    float* d_v = nullptr;            ///< [B, T, H, V]
    float* d_g = nullptr;            ///< [B, T, H]
    float* d_beta = nullptr;         ///< [B, T, H]
    float* d_initial = nullptr;      ///< [B, H, K, V], nullptr = not wanted
};

/// Tokens between two saved states: the backward pass recomputes that many states at a time.
inline constexpr std::size_t gated_delta_saved_every = 32;
[[nodiscard]] constexpr std::size_t savedStates(std::size_t tokens) {
    return (tokens + gated_delta_saved_every - 1) / gated_delta_saved_every;
}

/// Runs the pairs (batch, head) number `begin` to `end` of batch*heads, token by token, in float32. Pairs are
/// independent: callers split them over threads. Throws std::invalid_argument for a size of zero or a missing array.
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                       std::size_t begin, std::size_t end);
/// Gradients of the above; overwrites its outputs for the given pairs.
void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"
#include "kernels/sequences.h"

namespace airframe::kernels {

/// Sizes of one gated-delta-rule call. All arrays are dense and row-major.
struct GatedDeltaShape {
    std::size_t batch = 0, tokens = 0, heads = 0;  ///< B, T, H. H counts value heads: each has a state of its own
    std::size_t k = 0, v = 0;                      ///< K, V: any size >= 1
    std::size_t key_heads = 0;  ///< HK, a divisor of H; head h reads the q and k of key head h / (H/HK). 0 = H
    Sequences sequences{};      ///< N of them: B, or packed ones with B = 1
};

/// Inputs of the rule
///   S <- exp(g_t) S;  d = beta_t (v_t - S^T k_t);  S <- S + k_t d^T;  o_t = scale S^T q_t     (decay first)
/// (Yang et al., Gated Delta Networks, arXiv 2412.06464, eq. 10; decay before the prediction as released with
/// Jet-Nemotron; without g it is DeltaNet's rule, Yang et al., arXiv 2406.06484, eq. 3). With `l2norm`, q and k are
/// divided by sqrt(sum of squares + 1e-6) per head first. T is float or Bf16; sums and the running state are float32
/// always, a state stored as Bf16 is rounded once per call.
template <class T, class State = float>
struct GatedDeltaInputsOf {
    const T* q = nullptr;            ///< [B, T, HK, K]
    const T* k = nullptr;            ///< [B, T, HK, K]
    const T* v = nullptr;            ///< [B, T, H, V]
    const float* g = nullptr;        ///< [B, T, H] log decay <= 0; -inf resets the state; nullptr = no decay
    const float* beta = nullptr;     ///< [B, T, H], 0 to 2
    const State* initial = nullptr;  ///< [N, H, K, V], nullptr = zero
    bool l2norm = false;
    float scale = 0;  ///< of q; 0 = K^-0.5
};
using GatedDeltaInputs = GatedDeltaInputsOf<float>;

template <class T, class State = float>
struct GatedDeltaOutputsOf {
    T* o = nullptr;          ///< [B, T, H, V]
    State* state = nullptr;  ///< [N, H, K, V] the final state; nullptr = not wanted. May be `initial` itself (decode)
    float* saved = nullptr;  ///< [B, H, savedStates(T), K, V] states for the backward pass; nullptr = not wanted
};
using GatedDeltaOutputs = GatedDeltaOutputsOf<float>;

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

/// Runs the pairs (sequence, head) number `begin` to `end` of N*H, in float32. Pairs are independent: callers split
/// them over threads. Throws std::invalid_argument for a size of zero, a missing array, offsets that are not as in
/// sequences.h, key heads that do not divide the heads, or saved states of packed sequences.
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                       std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float, Bf16>& in,
                       const GatedDeltaOutputsOf<float, Bf16>& out, std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16>& out, std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16, Bf16>& out, std::size_t begin, std::size_t end);

/// Smaller units for more threads than pairs: columns of V are independent too. A pair has gatedDeltaBlocks(V) blocks of
/// gated_delta_block columns; the blocks `begin` to `end` of N*H*gatedDeltaBlocks(V) are run, the blocks of one pair
/// behind each other. What a pair's blocks share (products of q and k) is computed once per call: prefer few long ranges.
inline constexpr std::size_t gated_delta_block = 64;
[[nodiscard]] constexpr std::size_t gatedDeltaBlocks(std::size_t v) { return (v + gated_delta_block - 1) / gated_delta_block; }
template <class T, class State>
void gatedDeltaForwardBlocks(const GatedDeltaShape& shape, const GatedDeltaInputsOf<T, State>& in,
                             const GatedDeltaOutputsOf<T, State>& out, std::size_t begin, std::size_t end);

/// Gradients of the forward pass; overwrites its outputs for the given pairs. Only for HK = H and sequences that are not packed; d_g may be
/// missing where g is.
void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

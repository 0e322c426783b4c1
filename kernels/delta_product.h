// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"
#include "kernels/sequences.h"

namespace airframe::kernels {

/// Sizes of one call of the rule whose transition is a diagonal plus a rank-one product. All arrays are dense, row-major.
struct DeltaProductShape {
    std::size_t batch = 0, tokens = 0, heads = 0;  ///< B, T, H
    std::size_t k = 0, v = 0;                      ///< K, V: 1 to 512
    float scale = 1.0f;                            ///< of r: 1 in RWKV7
    Sequences sequences{};
};

/// Inputs of the rule
///   S_t = diag(exp(w_t)) S_{t-1} + b_t (a_t^T S_{t-1}) + k_t v_t^T;   o_t = scale S_t^T r_t
/// where a reads the state before its decay (Peng et al., RWKV-7 "Goose", arXiv 2503.14456, eq. 17: a_t = -kk_t, the
/// removal key divided by its length, and b_t = kk_t times the in-context learning rate). T and State are float or
/// Bf16; sums and the running state are float32 always, a state stored as Bf16 is rounded once per call.
template <class T, class State = float>
struct DeltaProductInputs {
    const T* r = nullptr;            ///< [B, T, H, K]
    const float* w = nullptr;        ///< [B, T, H, K] log decay <= 0; -inf forgets the channel
    const T* k = nullptr;            ///< [B, T, H, K]
    const T* v = nullptr;            ///< [B, T, H, V]
    const T* a = nullptr;            ///< [B, T, H, K]
    const T* b = nullptr;            ///< [B, T, H, K]
    const State* initial = nullptr;  ///< [N, H, K, V] of N sequences; nullptr = zero
};

template <class T, class State = float>
struct DeltaProductOutputs {
    T* o = nullptr;          ///< [B, T, H, V]
    State* state = nullptr;  ///< [N, H, K, V] after the last token; nullptr = not wanted. May be `initial` itself.
                             ///< Any address will do; at multiples of 64 bytes single tokens take a quarter less time
};

/// Runs the pairs (sequence, head) number `begin` to `end` of N*H, token by token in float32. Pairs are independent: callers
/// split them over threads. Throws std::invalid_argument for a size out of range or a missing array.
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in, const DeltaProductOutputs<float>& out,
                  std::size_t begin, std::size_t end);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                  std::size_t begin, std::size_t end);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float, Bf16>& in, const DeltaProductOutputs<float, Bf16>& out,
                  std::size_t begin, std::size_t end);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16, Bf16>& in, const DeltaProductOutputs<Bf16, Bf16>& out,
                  std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// Sizes of a JetBlock's fused input projection; a row lies as q | k | v | g | a | b | w1.
struct JetGatesShape {
    std::size_t heads = 0;      ///< H
    std::size_t key = 0;        ///< H*K elements of q, and of k
    std::size_t value = 0;      ///< H*V elements of v, and of g
    std::size_t generator = 0;  ///< R elements of w1's part
    [[nodiscard]] std::size_t row() const { return 2 * key + 2 * value + 2 * heads + generator; }
    [[nodiscard]] std::size_t v() const { return 2 * key; }                      ///< where v begins
    [[nodiscard]] std::size_t g() const { return 2 * key + value; }              ///< where the output gate begins
    [[nodiscard]] std::size_t a() const { return 2 * key + 2 * value; }          ///< where the decay's input begins
    [[nodiscard]] std::size_t b() const { return a() + heads; }                  ///< where the write strength's begins
    [[nodiscard]] std::size_t w1() const { return b() + heads; }                 ///< where the generator's begins
};

/// Per head, float32: the decay's parameters. [H] each.
struct JetGatesWeights {
    const float* a_log = nullptr;
    const float* dt_bias = nullptr;
};

/// What the rule and the kernel generator read. T is float or Bf16.
template <class T>
struct JetGatesOutputs {
    float* q = nullptr;      ///< [R, H*K] silu(q)
    float* k = nullptr;      ///< [R, H*K] silu(k)
    float* decay = nullptr;  ///< [R, H] -exp(A_log) * softplus(a + dt_bias), a logarithm
    float* beta = nullptr;   ///< [R, H] sigmoid(b)
    T* generator = nullptr;  ///< [R, generator] silu(w1 x)
};

/// All activations of a JetBlock's inputs in one pass over rows `begin` to `end` of the projection [R, row()]
/// (Jet-Nemotron, arXiv 2508.15884, section 2.4, and its released modelling file). In float32, rounded once when stored.
/// Nothing is checked.
void jetGates(const JetGatesShape& shape, const float* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<float>& out, std::size_t begin, std::size_t end);
void jetGates(const JetGatesShape& shape, const Bf16* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end);
void jetGates(const JetGatesShape& shape, const float* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/jet_parameters.h"
#include "core/blocks/linear_weight.h"

namespace airframe {

/// What jetFeaturesNative reads; the vectors in float32, the matrices in one type.
struct JetNativeWeights {
    LinearWeight inputs;                // rows q | k | v | g | a | b | w1, [sum, D]
    LinearWeight w2;                    // with its bias
    at::Tensor A_log, dt_bias, o_norm;  // [H], [H], [V]
};

/// jetFeatures over the native operators, without gradients: two matrix products and five passes, so that a decode step
/// is a handful of calls. x [B, T, D] -> [B, T, H*V] in its type; float32 or bf16 on a CPU only
/// (nativeForwardFits). Nothing between the products is rounded to bf16 but what the products read.
[[nodiscard]] at::Tensor jetFeaturesNative(const JetDims& dims, const JetNativeWeights& weights, const at::Tensor& x,
                                           JetCarry* carry);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/blocks/jet_parameters.h"

namespace airframe {

/// The whole block, differentiable: x [B, T, D] -> [B, T, D]. Updates `carry` if given, its recurrent state where it lies.
/// On a CPU everything between the matrix products is native (jet_native.h) or, when gradients are wanted, the
/// convolution and the rule are (native_rule.h). Elsewhere, in float64, or when `recurrent` asks for a form, all is plain
/// LibTorch: by token (the default up to T = 16) or chunked (64 tokens).
/// Projections run in x's type; gates, norms, the rule and its state in float32 (float64 if x is float64).
[[nodiscard]] at::Tensor jetForward(const JetDims& dims, const JetParameters& p, const at::Tensor& x,
                                    JetCarry* carry = nullptr, std::optional<bool> recurrent = std::nullopt);
/// The same with the input matrices given fused; p's own are not read.
[[nodiscard]] at::Tensor jetForwardFused(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs,
                                         const at::Tensor& x, JetCarry* carry = nullptr,
                                         std::optional<bool> recurrent = std::nullopt);

/// All before the output projection: [B, T, H*V], what o_proj reads.
[[nodiscard]] at::Tensor jetFeatures(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs,
                                     const at::Tensor& x, JetCarry* carry = nullptr,
                                     std::optional<bool> recurrent = std::nullopt);

}  // namespace airframe

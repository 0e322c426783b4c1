// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/gated_delta.h"

namespace airframe::kernels::reference {

/// Everything the rule gives, in double precision; shapes as in GatedDeltaOutputs and GatedDeltaGradients.
struct GatedDeltaResult {
    std::vector<double> o, state;
    std::vector<double> d_q, d_k, d_v, d_g, d_beta, d_initial;
};

/// Token by token, obviously the formula: the truth that every back end is held against. Gradients are of
/// sum(o * d_o) + sum(state * d_state) and are computed only if grad.d_o is set (its output pointers are ignored), for HK = H.
[[nodiscard]] GatedDeltaResult gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputs& in,
                                          const GatedDeltaGradients& grad = {});

}  // namespace airframe::kernels::reference

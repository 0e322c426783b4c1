// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

struct GatedNormShape {
    std::size_t heads = 0, v = 0;  ///< H heads of V elements, normalised one by one
    std::size_t stride = 0;        ///< elements from one row of the gate to the next, at least H*V
    float eps = 1e-5f;
};

/// y = o / sqrt(mean over V of o^2 + eps) * weight * silu(gate) for rows `begin` to `end`: o [R, H, V] float32, weight
/// [V], gate [R, H, V] with `stride` between rows, y [R, H, V] dense (the output norm of Gated DeltaNet, arXiv
/// 2412.06464, and of JetBlock). In float32, rounded once when stored. Nothing is checked.
void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const float* gate, float* y,
               std::size_t begin, std::size_t end);
void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const Bf16* gate, Bf16* y,
               std::size_t begin, std::size_t end);
void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const float* gate, Bf16* y,
               std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

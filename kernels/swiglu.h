// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// y = silu(gate) * up for rows `begin` to `end` of gate_up [R, 2n], gate first, and y [R, n] (Shazeer, arXiv
/// 2002.05202). In float32, rounded once when stored. The arrays must not overlap. Nothing is checked.
void swiglu(const float* gate_up, std::size_t n, float* y, std::size_t begin, std::size_t end);
void swiglu(const Bf16* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end);
void swiglu(const float* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

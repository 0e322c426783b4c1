// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

struct RotaryShape {
    std::size_t tokens = 0;    ///< T: row r stands at the table's position r % T
    std::size_t heads = 0;     ///< turned heads of a row
    std::size_t head_dim = 0;  ///< d, even
    std::size_t stride = 0;    ///< elements from one row of x to the next, at least heads * d
};

/// Rotary embedding, element i of a head paired with i + d/2 (Su et al., arXiv 2104.09864, in the order of GPT-NeoX):
/// rows `begin` to `end` of x [R, heads, d], `stride` apart, to y [R, heads, d] dense. cosine [T, d] holds cos | cos,
/// sine [T, d] holds -sin | sin. In float32, rounded once when stored. The arrays must not overlap. Nothing is checked.
void rotary(const RotaryShape& shape, const float* x, const float* cosine, const float* sine, float* y,
            std::size_t begin, std::size_t end);
void rotary(const RotaryShape& shape, const Bf16* x, const float* cosine, const float* sine, Bf16* y, std::size_t begin,
            std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// Where the parts of a fused query/key/value projection go: queries turned and dense, keys turned and values as they are
/// into their slots of the cache.
struct QkvRotaryShape {
    std::size_t batch = 0, tokens = 0;  ///< B, T
    std::size_t heads = 0, groups = 0;  ///< H query heads, G key/value heads
    std::size_t d = 0;                  ///< size of a head, even
    std::size_t position = 0;           ///< of the first of the T tokens
    std::size_t slots = 0;              ///< S, rows of the cache per head; position p goes into slot p, in a ring p mod S
    bool ring = false;
    [[nodiscard]] std::size_t row() const { return (heads + 2 * groups) * d; }  ///< elements of one token of the projection
    [[nodiscard]] std::size_t parts() const { return heads + 2 * groups; }      ///< heads of a row, of whatever kind
};

struct QkvRotaryArrays {
    const float* projected = nullptr;  ///< [B, T, H + 2 G, d] queries, keys, values
    const float* cosine = nullptr;     ///< [T, d] cos | cos of the T positions
    const float* sine = nullptr;       ///< [T, d] -sin | sin
    Bf16* q = nullptr;                 ///< [B, T, H, d]
    Bf16* keys = nullptr;              ///< [B, G, S, d]
    Bf16* values = nullptr;            ///< [B, G, S, d]
};

/// Runs the heads `begin` to `end` of parts(), for every token: rotary embedding in the half-split order (Su et al., arXiv
/// 2104.09864, as in GPT-NeoX) in float32, rounded once when stored. Heads are independent. Nothing is checked.
void qkvRotary(const QkvRotaryShape& shape, const QkvRotaryArrays& arrays, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

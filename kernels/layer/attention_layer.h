// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/layer/layer_rows.h"

namespace airframe::kernels {

/// Keys and values of B sequences of equal length, [B, G, S, d] bf16 each.
struct AttentionCache {
    std::size_t slots = 0;   ///< S
    std::size_t length = 0;  ///< tokens held
    AlignedVector<Bf16> keys, values;
};

/// The first half of a transformer layer: x += o( attention of the normed rows ), grouped queries, rotary positions, over a
/// growing cache.
struct AttentionLayer {
    std::vector<float> norm;  ///< [D]
    float eps = 1e-5f;
    std::size_t heads = 0, groups = 0, head_dim = 0;  ///< H, G, d
    PackedWeight qkv;                                 ///< [(H + 2 G) d, D]: queries, keys, values
    PackedWeight o;                                   ///< [D, H d]

    /// Sizes the scratch arrays and makes room in the cache for the step's tokens, by doubling; by one thread, before it.
    void prepare(LayerRows& rows, AttentionCache& cache, std::size_t threads) const;
    /// Adds the attention's output to rows.x and the tokens to the cache's slots. cosine, sine [T, d] of the positions
    /// cache.length ... Every thread of the team calls it; all have waited when it returns. The caller then raises the
    /// cache's length, once.
    void run(const Team& team, LayerRows& rows, AttentionCache& cache, const float* cosine, const float* sine) const;
};

}  // namespace airframe::kernels

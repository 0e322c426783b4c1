// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/layer/layer_rows.h"

namespace airframe::kernels {

/// Keys and values of B sequences of equal length, [B, G, S, d] bf16 each. With a window, position p lies in slot p mod S.
struct AttentionCache {
    std::size_t slots = 0;   ///< S
    std::size_t length = 0;  ///< tokens of a sequence so far, still held or not
    AlignedVector<Bf16> keys, values;
};

/// The first half of a transformer layer: x += o( attention of the normed rows ), grouped queries, rotary positions, over a
/// cache that grows, or with a window up to the window.
struct AttentionLayer {
    std::vector<float> norm;  ///< [D]
    float eps = 1e-5f;
    std::size_t heads = 0, groups = 0, head_dim = 0;  ///< H, G, d
    PackedWeight qkv;                                 ///< [(H + 2 G) d, D]: queries, keys, values
    PackedWeight o;                                   ///< [D, H d]
    std::vector<float> bias = {};                     ///< [(H + 2 G) d] of qkv; empty = none
    /// [d] RMS norms of each head's query and key before the rotation (Qwen3), with the same eps; empty = none
    std::vector<float> q_norm = {}, k_norm = {};
    std::size_t window = 0;  ///< keys that a query sees, its own among them; 0 = all before it
    float scale = 0;         ///< of the scores; 0 = d^-0.5

    /// Sizes the scratch arrays and makes room in the cache for the step's tokens, by doubling, with a window for W + T - 1
    /// at most; by one thread, before it.
    void prepare(LayerRows& rows, AttentionCache& cache, std::size_t threads) const;
    /// Adds the attention's output to rows.x and the tokens to the cache's slots. cosine, sine [T, d] of the positions
    /// cache.length ... Every thread of the team calls it; all have waited when it returns. The caller then raises the
    /// cache's length, once.
    void run(const Team& team, LayerRows& rows, AttentionCache& cache, const float* cosine, const float* sine) const;

  private:
    void finishHeads(LayerRows& rows, std::size_t begin, std::size_t end) const;
};

}  // namespace airframe::kernels

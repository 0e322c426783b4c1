// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/layer/layer_rows.h"

namespace airframe::kernels {

/// What a JetBlock remembers of B sequences.
struct JetMemory {
    AlignedVector<float> state;   ///< [B, H, K, V]
    AlignedVector<float> window;  ///< [B, H*V, 4] the last four raw values, oldest first
};

/// The first half of a layer whose token mixer is a JetBlock (Jet-Nemotron, arXiv 2508.15884, section 2.4):
/// x += o( gated norm of the gated delta rule over dynamically convolved values ) of the normed rows.
struct JetLayer {
    std::vector<float> norm;  ///< [D]
    float eps = 1e-5f;        ///< of that norm
    std::size_t heads = 0, k = 0, v = 0, generator = 0;  ///< H, K, V, R
    float norm_eps = 1e-5f;                              ///< of the output norm
    PackedWeight inputs;                                 ///< [2 H K + 2 H V + 2 H + R, D]: q | k | v | g | a | b | w1
    PackedWeight w2;                                     ///< [4 H V, R]
    std::vector<float> w2_bias;                          ///< [4 H V]
    std::vector<float> a_log, dt_bias, o_norm;           ///< [H], [H], [V]
    PackedWeight o;                                      ///< [D, H V]

    /// Sizes the scratch arrays and an empty memory; by one thread, before the step.
    void prepare(LayerRows& rows, JetMemory& memory, std::size_t threads) const;
    /// Adds the block's output to rows.x and updates the memory. Every thread of the team calls it; all have waited when
    /// it returns.
    void run(const Team& team, LayerRows& rows, JetMemory& memory) const;
};

}  // namespace airframe::kernels

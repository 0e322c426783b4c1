// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/layer/layer_rows.h"

namespace airframe::kernels {

/// The second half of a transformer layer: x += down( silu(gate) * up ) of the normed rows (Shazeer, arXiv 2002.05202).
struct MlpLayer {
    std::vector<float> norm;  ///< [D]
    float eps = 1e-5f;
    std::size_t intermediate = 0;  ///< F
    /// [2 F', D], F' = F rounded up to 32: 32 rows of the gate, 32 rows of up, and so on, so that the thread that computes
    /// a gate also has its up. Made by packGateUp.
    PackedWeight gate_up;
    PackedWeight down;  ///< [D, F]

    /// Packs gate and up, [F, D] each, rows as stored; F need not be a multiple of 32.
    [[nodiscard]] static PackedWeight packGateUp(WeightType type, std::size_t hidden, std::size_t intermediate, const void* gate,
                                                 const void* up);
    /// Sizes the scratch arrays; by one thread, before the step.
    void prepare(LayerRows& rows, std::size_t threads) const;
    /// Adds the MLP's output to rows.x. Every thread of the team calls it; all have waited when it returns.
    void run(const Team& team, LayerRows& rows) const;
};

}  // namespace airframe::kernels

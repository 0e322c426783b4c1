// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace airframe::kernels::reference {

using Doubles = std::vector<double>;

/// Rows of n divided by their root mean square, times weight.
[[nodiscard]] Doubles rmsNorm(const Doubles& x, const Doubles& weight, std::size_t n, double eps);

/// down( silu(gate x) * (up x) ) for normed rows x [R, D]; gate, up [F, D], down [D, F].
[[nodiscard]] Doubles mlp(const Doubles& x, const Doubles& gate, const Doubles& up, const Doubles& down, std::size_t hidden,
                          std::size_t intermediate);

struct JetReference {
    std::size_t hidden = 0, heads = 0, k = 0, v = 0, generator = 0;
    double norm_eps = 1e-5;
    Doubles inputs, w2, w2_bias, a_log, dt_bias, o_norm, o;  ///< as in JetLayer, dense [out, in]
    Doubles state, window;                                   ///< of one sequence, read and updated; empty = zeros
};
/// The JetBlock of one sequence, T tokens of normed rows x [T, D] -> [T, D], token by token. What the three products read
/// is rounded to bf16 first, as the layer does: the block's own curvature would magnify that to more than its tolerance.
[[nodiscard]] Doubles jetBlock(JetReference& block, const Doubles& x);

struct AttentionReference {
    std::size_t hidden = 0, heads = 0, groups = 0, d = 0;
    double theta = 1e4;
    Doubles qkv, o;        ///< dense [out, in]
    Doubles keys, values;  ///< [length, G, d] of one sequence, appended to
    Doubles bias = {};     ///< [(H + 2 G) d] of qkv; empty = none
    Doubles q_norm = {}, k_norm = {};  ///< [d] RMS norms before the rotation; empty = none
    double eps = 1e-5;                 ///< of these
    std::size_t window = 0;            ///< keys that a query sees; 0 = all before it
};
/// Causal attention of one sequence with rotary positions, T tokens of normed rows x [T, D] -> [T, D].
[[nodiscard]] Doubles attentionBlock(AttentionReference& block, const Doubles& x);

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/layer_rows.h"

#include "kernels/quantized_linear.h"
#include "kernels/rms_norm.h"

namespace airframe::kernels {

const Bf16* normedRows(const Team& team, LayerRows& rows, const float* weight, float eps) {
    const std::size_t n = rows.rows(), D = rows.hidden;
    if (n < rows_worth_sharing || team.size() == 1) {
        Bf16* mine = rows.normed.data() + team.rank() * n * D;
        rmsNorm(rows.x.data(), weight, D, eps, mine, 0, n);
        return mine;
    }
    const auto [begin, end] = team.share(n);
    rmsNorm(rows.x.data(), weight, D, eps, rows.normed.data(), begin, end);
    team.wait();
    return rows.normed.data();
}

void shareLinear(const Team& team, const PackedWeight& w, const Bf16* in, std::size_t rows, float* y, bool add, std::size_t stride) {
    const auto [begin, end] = team.share(w.units());
    quantizedLinear(w, LinearInputs<Bf16>{in, rows, stride}, {y, 0, add}, begin, end);
}

}  // namespace airframe::kernels

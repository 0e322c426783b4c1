// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/delta_product_reference.h"

#include <cmath>

namespace airframe::kernels::reference {

DeltaProductResult deltaProduct(const DeltaProductShape& s, const DeltaProductInputs<float>& in) {
    const std::size_t N = sequenceCount(s.sequences, s.batch), H = s.heads, K = s.k, V = s.v;
    DeltaProductResult r;
    r.o.assign(s.batch * s.tokens * H * V, 0);
    r.state.assign(N * H * K * V, 0);
    for (std::size_t n = 0; n < N; ++n)
        for (std::size_t h = 0; h < H; ++h) {
            double* S = r.state.data() + (n * H + h) * K * V;
            if (in.initial)
                for (std::size_t i = 0; i < K * V; ++i) S[i] = in.initial[(n * H + h) * K * V + i];
            const TokenRange range = tokensOf(s.sequences, s.tokens, n);
            for (std::size_t row = range.begin; row < range.end; ++row) {
                const std::size_t at = row * H + h;
                for (std::size_t j = 0; j < V; ++j) {
                    double read = 0, o = 0;
                    for (std::size_t i = 0; i < K; ++i) read += in.a[at * K + i] * S[i * V + j];
                    for (std::size_t i = 0; i < K; ++i) {
                        S[i * V + j] = std::exp(static_cast<double>(in.w[at * K + i])) * S[i * V + j] +
                                       in.b[at * K + i] * read + static_cast<double>(in.k[at * K + i]) * in.v[at * V + j];
                        o += in.r[at * K + i] * S[i * V + j];
                    }
                    r.o[at * V + j] = s.scale * o;
                }
            }
        }
    return r;
}

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/linear_scan_reference.h"

#include <cmath>

namespace airframe::kernels::reference {
namespace {

double logDecay(const LinearScanShape& s, const float* g, std::size_t row, std::size_t h, std::size_t i) {
    const std::size_t shared = h / (s.heads / s.g_heads);
    switch (s.decay) {
        case Decay::none: return 0;
        case Decay::constant: return g[h];
        case Decay::head: return g[row * s.g_heads + shared];
        case Decay::key: return g[(row * s.g_heads + shared) * s.k + i];
    }
    return 0;
}

}  // namespace

LinearScanResult linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in) {
    const LinearScanShape s = filled(shape);
    const std::size_t N = sequenceCount(s.sequences, s.batch), H = s.heads, K = s.k, V = s.v;
    LinearScanResult r;
    r.o.assign(s.batch * s.tokens * H * V, 0);
    r.state.assign(N * H * K * V, 0);
    for (std::size_t n = 0; n < N; ++n)
        for (std::size_t h = 0; h < H; ++h) {
            double* S = r.state.data() + (n * H + h) * K * V;
            if (in.initial)
                for (std::size_t i = 0; i < K * V; ++i) S[i] = in.initial[(n * H + h) * K * V + i];
            const TokenRange range = tokensOf(s.sequences, s.tokens, n);
            const std::size_t v_head = h / (H / s.v_heads);
            for (std::size_t row = range.begin; row < range.end; ++row) {
                const float* q = in.q + row * s.q_stride + h / (H / s.q_heads) * K;
                const float* k = in.k + row * s.k_stride + h / (H / s.k_heads) * K;
                const float* v = in.v + row * s.v_stride + v_head * V;
                double* o = r.o.data() + (row * H + h) * V;
                for (std::size_t i = 0; i < K; ++i) {
                    const double a = std::exp(logDecay(s, in.g, row, h, i));
                    for (std::size_t j = 0; j < V; ++j) {
                        S[i * V + j] = a * S[i * V + j] + static_cast<double>(k[i]) * v[j];
                        o[j] += static_cast<double>(s.scale) * q[i] * S[i * V + j];
                    }
                }
                if (in.skip)
                    for (std::size_t j = 0; j < V; ++j)
                        o[j] += static_cast<double>(in.skip[h]) * in.skip_input[row * s.skip_stride + v_head * V + j];
            }
        }
    return r;
}

}  // namespace airframe::kernels::reference

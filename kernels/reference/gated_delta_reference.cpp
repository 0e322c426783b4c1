// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/gated_delta_reference.h"

#include <cmath>

namespace airframe::kernels::reference {
namespace {

constexpr double l2_eps = 1e-6;

/// One row divided by its length, and the gradient back through that.
struct UnitRow {
    std::vector<double> y;
    double inverse = 1;
    UnitRow(const float* x, std::size_t n, bool normalise) : y(x, x + n) {
        if (!normalise) return;
        double sum = 0;
        for (double value : y) sum += value * value;
        inverse = 1.0 / std::sqrt(sum + l2_eps);
        for (double& value : y) value *= inverse;
    }
    /// dx from dy: r (dy - y (y . dy)).
    void back(const std::vector<double>& dy, bool normalise, double* dx) const {
        double dot = 0;
        if (normalise)
            for (std::size_t i = 0; i < y.size(); ++i) dot += y[i] * dy[i];
        for (std::size_t i = 0; i < y.size(); ++i) dx[i] = normalise ? inverse * (dy[i] - y[i] * dot) : dy[i];
    }
};

}  // namespace

GatedDeltaResult gatedDelta(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaGradients& grad) {
    const std::size_t B = sequenceCount(s.sequences, s.batch), T = s.tokens, H = s.heads, K = s.k, V = s.v;
    const std::size_t HK = s.key_heads ? s.key_heads : H;
    const double scale = in.scale != 0 ? in.scale : 1.0 / std::sqrt(static_cast<double>(K));
    GatedDeltaResult r;
    r.o.assign(s.batch * T * H * V, 0);
    r.state.assign(B * H * K * V, 0);
    const bool back = grad.d_o != nullptr;
    if (back) {
        r.d_q.assign(B * T * H * K, 0);
        r.d_k.assign(B * T * H * K, 0);
        r.d_v.assign(B * T * H * V, 0);
        r.d_g.assign(B * T * H, 0);
        r.d_beta.assign(B * T * H, 0);
        r.d_initial.assign(B * H * K * V, 0);
    }
    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t h = 0; h < H; ++h) {
            const TokenRange range = tokensOf(s.sequences, T, b);
            const std::size_t first = range.begin, tokens = range.size();
            const auto row = [&](std::size_t t) { return (first + t) * H + h; };
            const auto key_row = [&](std::size_t t) { return (first + t) * HK + h / (H / HK); };
            const auto decay = [&](std::size_t t) { return in.g ? std::exp(static_cast<double>(in.g[row(t)])) : 1.0; };
            std::vector<double> S(K * V, 0);
            if (in.initial)
                for (std::size_t i = 0; i < K * V; ++i) S[i] = in.initial[(b * H + h) * K * V + i];
            std::vector<std::vector<double>> before;  // S_{t-1}
            std::vector<std::vector<double>> errors;  // e_t = v_t - a_t S_{t-1}^T k_t
            for (std::size_t t = 0; t < tokens; ++t) {
                const UnitRow q(in.q + key_row(t) * K, K, in.l2norm), k(in.k + key_row(t) * K, K, in.l2norm);
                const double a = decay(t), beta = in.beta[row(t)];
                if (back) before.push_back(S);
                std::vector<double> e(V);
                for (std::size_t j = 0; j < V; ++j) {
                    double p = 0;
                    for (std::size_t i = 0; i < K; ++i) {
                        S[i * V + j] *= a;
                        p += S[i * V + j] * k.y[i];
                    }
                    e[j] = in.v[row(t) * V + j] - p;
                    double o = 0;
                    for (std::size_t i = 0; i < K; ++i) {
                        S[i * V + j] += k.y[i] * beta * e[j];
                        o += S[i * V + j] * q.y[i];
                    }
                    r.o[row(t) * V + j] = scale * o;
                }
                if (back) errors.push_back(e);
            }
            for (std::size_t i = 0; i < K * V; ++i) r.state[(b * H + h) * K * V + i] = S[i];
            if (!back) continue;
            std::vector<double> dS(K * V, 0);
            if (grad.d_state)
                for (std::size_t i = 0; i < K * V; ++i) dS[i] = grad.d_state[(b * H + h) * K * V + i];
            for (std::size_t t = tokens; t-- > 0;) {
                const UnitRow q(in.q + key_row(t) * K, K, in.l2norm), k(in.k + key_row(t) * K, K, in.l2norm);
                const double a = decay(t), beta = in.beta[row(t)];
                const auto& S0 = before[t];
                const auto& e = errors[t];
                std::vector<double> dq(K, 0), dk(K, 0);
                double da = 0, dbeta = 0;
                for (std::size_t j = 0; j < V; ++j) {
                    const double dout = grad.d_o[row(t) * V + j], d = beta * e[j];
                    double dd = 0;
                    for (std::size_t i = 0; i < K; ++i) {
                        dq[i] += scale * (a * S0[i * V + j] + k.y[i] * d) * dout;
                        dS[i * V + j] += scale * q.y[i] * dout;
                        dd += dS[i * V + j] * k.y[i];
                    }
                    dbeta += dd * e[j];
                    const double dv = beta * dd;
                    r.d_v[row(t) * V + j] = dv;
                    // e_t = v_t - a S0^T k: the product a S0^T k has gradient -dv
                    for (std::size_t i = 0; i < K; ++i) {
                        dk[i] += dS[i * V + j] * d - dv * a * S0[i * V + j];
                        da += dS[i * V + j] * S0[i * V + j] - dv * S0[i * V + j] * k.y[i];
                        dS[i * V + j] = a * (dS[i * V + j] - dv * k.y[i]);
                    }
                }
                q.back(dq, in.l2norm, r.d_q.data() + row(t) * K);
                k.back(dk, in.l2norm, r.d_k.data() + row(t) * K);
                r.d_g[row(t)] = a * da;
                r.d_beta[row(t)] = dbeta;
            }
            for (std::size_t i = 0; i < K * V; ++i) r.d_initial[(b * H + h) * K * V + i] = dS[i];
        }
    return r;
}

}  // namespace airframe::kernels::reference

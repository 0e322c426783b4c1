// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/layer_reference.h"

#include <algorithm>
#include <cmath>

#include "kernels/bf16.h"
#include "kernels/reference/quantized_linear_reference.h"

namespace airframe::kernels::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }

Doubles times(const Doubles& x, const Doubles& w, std::size_t k) { return linear(x, w, x.size() / k, w.size() / k, k); }

Doubles roundedToBf16(Doubles x) {
    for (double& value : x) value = toFloat(toBf16(static_cast<float>(value)));
    return x;
}

/// x[0 .. n) divided by its length.
Doubles unit(const double* x, std::size_t n) {
    double sum = 1e-6;
    for (std::size_t i = 0; i < n; ++i) sum += x[i] * x[i];
    Doubles y(x, x + n);
    for (double& value : y) value /= std::sqrt(sum);
    return y;
}

/// Element i of a head at `position`, turned with its partner in the other half.
double turned(const double* head, std::size_t i, std::size_t d, std::size_t position, double theta) {
    const std::size_t half = d / 2, pair = i % half;
    const double angle = static_cast<double>(position) * std::pow(theta, -2.0 * static_cast<double>(pair) / static_cast<double>(d));
    const double a = head[pair], b = head[pair + half];
    return i < half ? a * std::cos(angle) - b * std::sin(angle) : b * std::cos(angle) + a * std::sin(angle);
}

}  // namespace

Doubles rmsNorm(const Doubles& x, const Doubles& weight, std::size_t n, double eps) {
    Doubles y = x;
    for (std::size_t row = 0; row < x.size(); row += n) {
        double sum = 0;
        for (std::size_t c = 0; c < n; ++c) sum += x[row + c] * x[row + c];
        for (std::size_t c = 0; c < n; ++c) y[row + c] *= weight[c] / std::sqrt(sum / static_cast<double>(n) + eps);
    }
    return y;
}

Doubles mlp(const Doubles& x, const Doubles& gate, const Doubles& up, const Doubles& down, std::size_t hidden, std::size_t intermediate) {
    Doubles g = times(x, gate, hidden);
    const Doubles u = times(x, up, hidden);
    for (std::size_t i = 0; i < g.size(); ++i) g[i] = silu(g[i]) * u[i];
    return times(g, down, intermediate);
}

Doubles jetBlock(JetReference& p, const Doubles& x) {
    const std::size_t T = x.size() / p.hidden, H = p.heads, K = p.k, V = p.v, HK = H * K, HV = H * V;
    const std::size_t row = 2 * HK + 2 * HV + 2 * H + p.generator;
    p.state.resize(H * K * V, 0);
    p.window.resize(HV * 4, 0);
    const Doubles projected = times(roundedToBf16(x), p.inputs, p.hidden);
    Doubles features;
    for (std::size_t t = 0; t < T; ++t) {
        const double *q = projected.data() + t * row, *k = q + HK, *v = k + HK, *g = v + HV, *a = g + HV, *b = a + H, *w1 = b + H;
        Doubles hidden(w1, w1 + p.generator);
        for (double& value : hidden) value = silu(value);
        const Doubles taps = times(roundedToBf16(hidden), p.w2, p.generator);
        for (std::size_t h = 0; h < H; ++h) {
            Doubles qs(K), ks(K), vs(V);
            for (std::size_t i = 0; i < K; ++i) qs[i] = silu(q[h * K + i]), ks[i] = silu(k[h * K + i]);
            qs = unit(qs.data(), K), ks = unit(ks.data(), K);
            for (std::size_t j = 0; j < V; ++j) {
                const std::size_t c = h * V + j;
                double* window = p.window.data() + c * 4;
                std::rotate(window, window + 1, window + 4);
                window[3] = v[c];
                double sum = 0;
                for (std::size_t w = 0; w < 4; ++w) sum += (taps[4 * c + w] + p.w2_bias[4 * c + w]) * window[w];
                vs[j] = silu(sum);
            }
            const double decay = std::exp(-std::exp(p.a_log[h]) * std::log1p(std::exp(a[h] + p.dt_bias[h]))), beta = sigmoid(b[h]);
            Doubles o(V, 0);
            double squares = 0;
            for (std::size_t j = 0; j < V; ++j) {
                double* S = p.state.data() + h * K * V + j;
                double read = 0;
                for (std::size_t i = 0; i < K; ++i) S[i * V] *= decay, read += S[i * V] * ks[i];
                for (std::size_t i = 0; i < K; ++i) S[i * V] += ks[i] * beta * (vs[j] - read), o[j] += S[i * V] * qs[i] / std::sqrt(static_cast<double>(K));
                squares += o[j] * o[j];
            }
            for (std::size_t j = 0; j < V; ++j)
                features.push_back(o[j] / std::sqrt(squares / static_cast<double>(V) + p.norm_eps) * p.o_norm[j] * silu(g[h * V + j]));
        }
    }
    return times(roundedToBf16(features), p.o, HV);
}

Doubles attentionBlock(AttentionReference& p, const Doubles& x) {
    const std::size_t T = x.size() / p.hidden, H = p.heads, G = p.groups, d = p.d, row = (H + 2 * G) * d;
    const std::size_t past = p.keys.size() / (G * d);
    Doubles projected = times(x, p.qkv, p.hidden);
    for (std::size_t i = 0; i < projected.size() && !p.bias.empty(); ++i) projected[i] += p.bias[i % row];
    for (std::size_t head = 0; head < T * (H + 2 * G) && !p.q_norm.empty(); ++head) {
        const std::size_t part = head % (H + 2 * G);
        if (part >= H + G) continue;
        const auto at = projected.begin() + static_cast<std::ptrdiff_t>(head * d);
        const Doubles normed = rmsNorm(Doubles(at, at + static_cast<std::ptrdiff_t>(d)), part < H ? p.q_norm : p.k_norm, d, p.eps);
        std::copy(normed.begin(), normed.end(), at);
    }
    Doubles mixed;
    for (std::size_t t = 0; t < T; ++t) {
        const double *q = projected.data() + t * row, *k = q + H * d, *v = k + G * d;
        for (std::size_t i = 0; i < G * d; ++i) {
            p.keys.push_back(turned(k + i / d * d, i % d, d, past + t, p.theta));
            p.values.push_back(v[i]);
        }
        for (std::size_t h = 0; h < H; ++h) {
            const std::size_t g = h / (H / G), keys = past + t + 1;
            const std::size_t first = p.window > 0 && keys > p.window ? keys - p.window : 0;
            Doubles weight(keys, -INFINITY), o(d, 0);
            std::fill(weight.begin() + static_cast<std::ptrdiff_t>(first), weight.end(), 0.0);
            for (std::size_t j = first; j < keys; ++j)
                for (std::size_t i = 0; i < d; ++i)
                    weight[j] += turned(q + h * d, i, d, past + t, p.theta) * p.keys[(j * G + g) * d + i] / std::sqrt(static_cast<double>(d));
            const double top = *std::max_element(weight.begin(), weight.end());
            double sum = 0;
            for (double& w : weight) sum += w = std::exp(w - top);
            for (std::size_t j = 0; j < keys; ++j)
                for (std::size_t i = 0; i < d; ++i) o[i] += weight[j] / sum * p.values[(j * G + g) * d + i];
            mixed.insert(mixed.end(), o.begin(), o.end());
        }
    }
    return times(mixed, p.o, H * d);
}

}  // namespace airframe::kernels::reference

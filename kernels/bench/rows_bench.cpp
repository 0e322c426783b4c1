// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/timer.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_norm.h"
#include "kernels/jet_gates.h"
#include "kernels/reference/dynamic_conv_reference.h"
#include "kernels/rms_norm.h"
#include "kernels/rotary.h"
#include "kernels/swiglu.h"

namespace airframe::kernels::bench {
namespace {

using Doubles = std::vector<double>;

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }

/// Every operator below in one element type T.
template <class T>
class RowChecks {
  public:
    RowChecks(std::mt19937_64& random, std::vector<Check>& out) : m_random(random), m_out(out) {}

    void rmsNormOf(std::size_t rows, std::size_t n) {
        const auto x = draw(rows * n);
        const auto w = weights(n);
        Doubles want(rows * n);
        for (std::size_t r = 0; r < rows; ++r) {
            double squares = 0;
            for (std::size_t c = 0; c < n; ++c) squares += square(toFloat(x[r * n + c]));
            const double scale = 1.0 / std::sqrt(squares / static_cast<double>(n) + 1e-5);
            for (std::size_t c = 0; c < n; ++c) want[r * n + c] = toFloat(x[r * n + c]) * scale * w[c];
        }
        GuardedArray<T> y(rows * n);
        rmsNorm(x.data(), w.data(), n, 1e-5f, y.data(), 0, rows);
        add("rms_norm n=" + std::to_string(n), y, want);
    }

    void swigluOf(std::size_t rows, std::size_t n) {
        const auto x = draw(rows * 2 * n, 4);
        Doubles want(rows * n);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < n; ++c)
                want[r * n + c] = silu(toFloat(x[2 * r * n + c])) * toFloat(x[(2 * r + 1) * n + c]);
        GuardedArray<T> y(rows * n);
        swiglu(x.data(), n, y.data(), 0, rows);
        add("swiglu n=" + std::to_string(n), y, want);
    }

    void rotaryOf(const RotaryShape& s, std::size_t rows) {
        const auto x = draw(rows * s.stride);
        std::vector<float> cosine(s.tokens * s.head_dim), sine(cosine.size());
        const std::size_t half = s.head_dim / 2;
        for (std::size_t t = 0; t < s.tokens; ++t)
            for (std::size_t i = 0; i < s.head_dim; ++i) {
                const double angle = static_cast<double>(t + 3) * std::pow(1e4, -2.0 * static_cast<double>(i % half) / static_cast<double>(s.head_dim));
                cosine[t * s.head_dim + i] = static_cast<float>(std::cos(angle));
                sine[t * s.head_dim + i] = static_cast<float>(i < half ? -std::sin(angle) : std::sin(angle));
            }
        Doubles want(rows * s.heads * s.head_dim);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t h = 0; h < s.heads; ++h)
                for (std::size_t i = 0; i < s.head_dim; ++i) {
                    const T* from = x.data() + r * s.stride + h * s.head_dim;
                    const std::size_t at = r % s.tokens * s.head_dim + i;
                    want[(r * s.heads + h) * s.head_dim + i] =
                        double{toFloat(from[i])} * cosine[at] + double{toFloat(from[(i + half) % s.head_dim])} * sine[at];
                }
        GuardedArray<T> y(want.size());
        rotary(s, x.data(), cosine.data(), sine.data(), y.data(), 0, rows);
        add("rotary d=" + std::to_string(s.head_dim), y, want);
    }

    void jetGatesOf(const JetGatesShape& s, std::size_t rows) {
        const auto x = draw(rows * s.row(), 6);
        const auto a_log = weights(s.heads), dt_bias = weights(s.heads);
        Doubles q(rows * s.key), k(q.size()), decay(rows * s.heads), beta(decay.size()), generator(rows * s.generator);
        for (std::size_t r = 0; r < rows; ++r) {
            const T* row = x.data() + r * s.row();
            for (std::size_t c = 0; c < s.key; ++c) q[r * s.key + c] = silu(toFloat(row[c]));
            for (std::size_t c = 0; c < s.key; ++c) k[r * s.key + c] = silu(toFloat(row[s.key + c]));
            for (std::size_t c = 0; c < s.generator; ++c) generator[r * s.generator + c] = silu(toFloat(row[s.w1() + c]));
            for (std::size_t h = 0; h < s.heads; ++h) {
                const double pre = double{toFloat(row[s.a() + h])} + dt_bias[h];
                decay[r * s.heads + h] = -std::exp(a_log[h]) * (pre > 30 ? pre : std::log1p(std::exp(pre)));
                beta[r * s.heads + h] = sigmoid(toFloat(row[s.b() + h]));
            }
        }
        Guarded got_q(q.size()), got_k(k.size()), got_decay(decay.size()), got_beta(beta.size());
        GuardedArray<T> got_generator(generator.size());
        jetGates(s, x.data(), {a_log.data(), dt_bias.data()},
                 {got_q.data(), got_k.data(), got_decay.data(), got_beta.data(), got_generator.data()}, 0, rows);
        const std::string name = "jet_gates HK=" + std::to_string(s.key);
        add(name + " q", got_q, q);
        add(name + " k", got_k, k);
        add(name + " decay", got_decay, decay);
        add(name + " beta", got_beta, beta);
        add(name + " generator", got_generator, generator);
    }

    void gatedNormOf(const GatedNormShape& s, std::size_t rows) {
        const auto gate = draw(rows * s.stride, 4);
        const auto o = weights(rows * s.heads * s.v), w = weights(s.v);
        Doubles want(o.size());
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t h = 0; h < s.heads; ++h) {
                const float* from = o.data() + (r * s.heads + h) * s.v;
                double squares = 0;
                for (std::size_t c = 0; c < s.v; ++c) squares += square(from[c]);
                const double scale = 1.0 / std::sqrt(squares / static_cast<double>(s.v) + s.eps);
                for (std::size_t c = 0; c < s.v; ++c)
                    want[(r * s.heads + h) * s.v + c] =
                        from[c] * scale * w[c] * silu(toFloat(gate[r * s.stride + h * s.v + c]));
            }
        GuardedArray<T> y(want.size());
        gatedNorm(s, o.data(), w.data(), gate.data(), y.data(), 0, rows);
        add("gated_norm V=" + std::to_string(s.v), y, want);
    }

    void convOf(DynamicConvShape s) {
        const std::size_t rows = s.batch * s.tokens, w = s.batch * s.channels * conv_taps;
        const auto u = draw(rows * s.stride), taps = draw(rows * s.channels * conv_taps), before = draw(w);
        GuardedArray<T> after(w);
        Guarded y(rows * s.channels);
        dynamicConvForward(s, DynamicConvInputs<T>{u.data(), taps.data(), before.data()},
                           DynamicConvOutputs<T>{y.data(), after.data()}, 0, s.channels);
        // The reference knows dense float32 only; these values are exact in it.
        std::vector<float> dense, wide_taps, wide_before;
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < s.channels; ++c) dense.push_back(toFloat(u[r * s.stride + c]));
        for (const T x : taps) wide_taps.push_back(toFloat(x));
        for (const T x : before) wide_before.push_back(toFloat(x));
        const std::string name = "dynamic_conv strided T=" + std::to_string(s.tokens);
        s.stride = 0;
        const auto want = reference::dynamicConv(s, {dense.data(), wide_taps.data(), wide_before.data()});
        add(name + " y", y, want.y);
        m_out.push_back({name + suffix() + " window", after.error(want.window), 0});
    }

  private:
    static double square(double x) { return x * x; }
    static const char* suffix() { return sizeof(T) == 2 ? " bf16" : " float32"; }

    std::vector<T> draw(std::size_t n, float scale = 1) {
        std::normal_distribution<float> normal(0, scale);
        std::vector<T> x(n);
        for (T& value : x) assign(value, normal(m_random));
        return x;
    }
    std::vector<float> weights(std::size_t n) {
        std::normal_distribution<float> normal(0, 1);
        std::vector<float> x(n);
        for (float& value : x) value = normal(m_random);
        return x;
    }
    /// Rounding to the 8 significant bits of bf16 moves a value by at most 2^-8 of itself; everything before it is float32.
    template <class Out>
    void add(const std::string& name, const GuardedArray<Out>& got, const Doubles& want) {
        m_out.push_back({name + suffix(), got.error(want), sizeof(Out) == 2 ? 1.0 / 256 : 1e-6});
    }

    std::mt19937_64& m_random;
    std::vector<Check>& m_out;
};

template <class T>
void runAll(std::mt19937_64& random, std::vector<Check>& out) {
    RowChecks<T> checks(random, out);
    for (const std::size_t n : {1u, 15u, 40u, 576u}) {
        checks.rmsNormOf(3, n);
        checks.swigluOf(3, n);
    }
    for (const std::size_t d : {2u, 6u, 64u, 128u}) checks.rotaryOf({4, 3, d, 5 * d}, 9);
    checks.jetGatesOf({9, 576, 576, 72}, 3);
    checks.jetGatesOf({3, 21, 15, 5}, 4);
    for (const std::size_t v : {1u, 21u, 64u, 256u}) checks.gatedNormOf({3, v, 3 * v + 7, 1e-5f}, 4);
    for (const std::size_t tokens : {1u, 2u, 3u, 4u, 9u}) checks.convOf({2, tokens, 40, 61});
}

}  // namespace

void checkRows(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    runAll<float>(random, out);
    runAll<Bf16>(random, out);
}

/// What stands between the matrix products of SmolLM2-135M's layers, in bf16, per token.
void timeRows(std::vector<Timing>& out) {
    constexpr std::size_t rows = 2048, hidden = 576, intermediate = 1536, heads = 9, d = 64;
    const JetGatesShape gates{heads, hidden, hidden, 72};
    const std::vector<Bf16> x(rows * 2 * intermediate, toBf16(0.5f));
    std::vector<Bf16> y(rows * intermediate);
    const std::vector<float> weight(hidden, 1.0f), table(rows * d, 0.5f), o(rows * hidden, 0.1f);
    std::vector<float> q(rows * hidden), k(rows * hidden), decay(rows * heads), beta(rows * heads);
    const auto add = [&](const char* name, double bytes, double flops, const std::function<void()>& run) {
        timeInto(out, {name, "token", 0, 0, bytes, flops}, rows, run);
    };
    add("rms_norm n=576 bf16", 4.0 * hidden, 4.0 * hidden, [&] { rmsNorm(x.data(), weight.data(), hidden, 1e-5f, y.data(), 0, rows); });
    add("swiglu n=1536 bf16", 6.0 * intermediate, 5.0 * intermediate, [&] { swiglu(x.data(), intermediate, y.data(), 0, rows); });
    add("rotary 9x64 bf16", 4.0 * hidden + 8.0 * d, 3.0 * hidden, [&] { rotary({rows, heads, d, hidden}, x.data(), table.data(), table.data(), y.data(), 0, rows); });
    add("jet_gates 9x64 bf16", 12.0 * hidden, 8.0 * hidden, [&] {
        jetGates(gates, x.data(), {weight.data(), weight.data()}, {q.data(), k.data(), decay.data(), beta.data(), y.data()}, 0, rows);
    });
    add("gated_norm 9x64 bf16", 8.0 * hidden, 9.0 * hidden, [&] { gatedNorm({heads, d, hidden, 1e-5f}, o.data(), weight.data(), x.data(), y.data(), 0, rows); });
}

}  // namespace airframe::kernels::bench

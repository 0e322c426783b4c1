// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/log_sum_exp.h"
#include "kernels/reference/dynamic_conv_reference.h"
#include "kernels/reference/gated_delta_reference.h"

namespace airframe::kernels::bench {
namespace {

using Floats = std::vector<float>;

Floats normal(std::mt19937_64& random, std::size_t n, float scale = 1.0f) {
    std::normal_distribution<float> draw(0.0f, scale);
    Floats out(n);
    for (float& x : out) x = draw(random);
    return out;
}

enum class Gates { normal, zero, strong, reset };

Floats gates(std::mt19937_64& random, std::size_t n, Gates kind) {
    std::uniform_real_distribution<float> draw(0.0f, 1.0f);
    static constexpr float extremes[] = {0.0f, -1e-7f, -0.1f, -20.0f, -100.0f, -400.0f};
    Floats out(n, 0.0f);
    for (float& g : out) {
        if (kind == Gates::normal) g = -draw(random);
        if (kind == Gates::strong) g = extremes[random() % 6];
        if (kind == Gates::reset) g = random() % 5 == 0 ? -std::numeric_limits<float>::infinity() : -draw(random);
    }
    return out;
}

struct DeltaCase {
    GatedDeltaShape shape;
    Gates gates = Gates::normal;
    bool l2norm = true, initial = true;
};

void checkDelta(const DeltaCase& c, std::mt19937_64& random, const std::string& name, std::vector<Check>& out) {
    const auto& s = c.shape;
    const std::size_t rows = s.batch * s.tokens * s.heads, pairs = s.batch * s.heads, state = pairs * s.k * s.v;
    Floats q = normal(random, rows * s.k), k = normal(random, rows * s.k);
    if (!c.l2norm)
        for (std::size_t i = 0; i < q.size(); ++i) k[i] /= std::sqrt(static_cast<float>(s.k));
    const Floats v = normal(random, rows * s.v), g = gates(random, rows, c.gates), initial = normal(random, state, 0.1f);
    Floats beta(rows);
    for (float& b : beta) b = static_cast<float>(random() % 1001) / 1000.0f;
    const Floats d_o = normal(random, rows * s.v), d_state = normal(random, state, 0.1f);
    const GatedDeltaInputs in{q.data(), k.data(), v.data(), g.data(), beta.data(), c.initial ? initial.data() : nullptr,
                              c.l2norm};
    Guarded o(rows * s.v), last(state), saved(pairs * savedStates(s.tokens) * s.k * s.v);
    gatedDeltaForward(s, in, {o.data(), last.data(), saved.data()}, 0, pairs);
    Guarded dq(rows * s.k), dk(rows * s.k), dv(rows * s.v), dg(rows), dbeta(rows), dinitial(state);
    gatedDeltaBackward(s, in, {d_o.data(), d_state.data(), saved.data(), dq.data(), dk.data(), dv.data(), dg.data(),
                               dbeta.data(), dinitial.data()}, 0, pairs);
    const auto want = reference::gatedDelta(
        s, in, {d_o.data(), d_state.data(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
    // Float32 sums over K and T terms: the recurrence itself stays within 1e-6, gradients sum T*V products more.
    out.push_back({name + " o", o.error(want.o), 1e-6});
    out.push_back({name + " state", last.error(want.state), 1e-6});
    out.push_back({name + " dq", dq.error(want.d_q), 5e-6});
    out.push_back({name + " dk", dk.error(want.d_k), 5e-6});
    out.push_back({name + " dv", dv.error(want.d_v), 5e-6});
    out.push_back({name + " dg", dg.error(want.d_g), 5e-6});
    out.push_back({name + " dbeta", dbeta.error(want.d_beta), 5e-6});
    out.push_back({name + " dinitial", dinitial.error(want.d_initial), 5e-6});
}

void checkConv(const DynamicConvShape& s, bool window, std::mt19937_64& random, std::vector<Check>& out) {
    const std::size_t n = s.batch * s.tokens * s.channels, w = s.batch * s.channels * conv_taps;
    const Floats u = normal(random, n), taps = normal(random, n * conv_taps, 0.5f), before = normal(random, w),
                 d_y = normal(random, n);
    const DynamicConvInputs<float> in{u.data(), taps.data(), window ? before.data() : nullptr};
    Guarded y(n), after(w), du(n), dtaps(n * conv_taps), dwindow(w);
    dynamicConvForward(s, in, DynamicConvOutputs<float>{y.data(), after.data()}, 0, s.channels);
    dynamicConvBackward(s, in, {d_y.data(), du.data(), dtaps.data(), dwindow.data()}, 0, s.channels);
    const auto want = reference::dynamicConv(s, in, {d_y.data(), nullptr, nullptr, nullptr});
    const std::string name = "dynamic_conv T=" + std::to_string(s.tokens) + " C=" + std::to_string(s.channels) +
                             (window ? " window" : "");
    out.push_back({name + " y", y.error(want.y), 1e-6});
    out.push_back({name + " window", after.error(want.window), 0});
    out.push_back({name + " du", du.error(want.d_u), 1e-6});
    out.push_back({name + " dtaps", dtaps.error(want.d_taps), 1e-6});
    out.push_back({name + " dwindow", dwindow.error(want.d_window), 1e-6});
}

/// Against a plain double-precision sum, in float32 and in bfloat16 (the bits of which are exact inputs).
void checkLogSumExp(std::size_t n, float scale, std::mt19937_64& random, std::vector<Check>& out) {
    constexpr std::size_t rows = 3;
    Floats x = normal(random, rows * n, scale);
    std::vector<Bf16> bits(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::uint32_t word;
        std::memcpy(&word, &x[i], sizeof(word));
        bits[i].bits = static_cast<std::uint16_t>(word >> 16);
        word &= 0xFFFF0000u;
        std::memcpy(&x[i], &word, sizeof(word));
    }
    std::vector<double> want;
    for (std::size_t r = 0; r < rows; ++r) {
        double top = x[r * n], sum = 0;
        for (std::size_t j = 0; j < n; ++j) top = std::max<double>(top, x[r * n + j]);
        for (std::size_t j = 0; j < n; ++j) sum += std::exp(x[r * n + j] - top);
        want.push_back(top + std::log(sum));
    }
    Guarded plain(rows), half(rows);
    logSumExp(x.data(), n, plain.data(), 0, rows);
    logSumExp(bits.data(), n, half.data(), 0, rows);
    const std::string name = "log_sum_exp n=" + std::to_string(n) + " scale=" + std::to_string(static_cast<int>(scale));
    out.push_back({name + " float32", plain.error(want), 1e-6});
    out.push_back({name + " bf16", half.error(want), 1e-6});
}

/// The reference's own gradients against central differences of the reference: the truth is checked too.
void checkReferenceGradients(std::mt19937_64& random, std::vector<Check>& out) {
    const GatedDeltaShape s{1, 3, 1, 3, 2};
    Floats q = normal(random, 9), k = normal(random, 9), v = normal(random, 6), g = gates(random, 3, Gates::normal),
           beta = {0.3f, 0.9f, 0.6f}, initial = normal(random, 6);
    const Floats d_o = normal(random, 6), d_state = normal(random, 6);
    const GatedDeltaInputs in{q.data(), k.data(), v.data(), g.data(), beta.data(), initial.data(), true};
    const auto loss = [&] {
        const auto r = reference::gatedDelta(s, in);
        double sum = 0;
        for (std::size_t i = 0; i < 6; ++i) sum += r.o[i] * d_o[i] + r.state[i] * d_state[i];
        return sum;
    };
    const auto r = reference::gatedDelta(
        s, in, {d_o.data(), d_state.data(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
    const std::pair<Floats*, const std::vector<double>*> pairs[] = {{&q, &r.d_q}, {&k, &r.d_k}, {&v, &r.d_v},
                                                                    {&g, &r.d_g}, {&beta, &r.d_beta}, {&initial, &r.d_initial}};
    double worst = 0;
    for (const auto& [values, gradient] : pairs)
        for (std::size_t i = 0; i < values->size(); ++i) {
            const float keep = (*values)[i], h = 1.0f / 512;
            (*values)[i] = keep + h;
            const double up = loss(), x_up = (*values)[i];
            (*values)[i] = keep - h;
            const double down = loss(), x_down = (*values)[i];
            (*values)[i] = keep;
            worst = std::max(worst, std::abs((up - down) / (x_up - x_down) - (*gradient)[i]) / (1 + std::abs((*gradient)[i])));
        }
    out.push_back({"gated_delta reference gradients against differences", worst, 5e-5});  // O(h^2)
}

}  // namespace

std::vector<Check> runChecks(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<Check> out;
    checkReferenceGradients(random, out);
    static constexpr std::pair<Gates, const char*> kinds[] = {
        {Gates::normal, "normal"}, {Gates::zero, "g=0"}, {Gates::strong, "strong"}, {Gates::reset, "reset"}};
    for (const std::size_t tokens : {1u, 2u, 15u, 31u, 32u, 33u, 65u, 100u})
        for (const auto& [kind, word] : kinds) {
            const std::size_t k = tokens % 2 ? 24 : 64, v = tokens % 2 ? 40 : 64;
            checkDelta({{2, tokens, 3, k, v}, kind, tokens % 3 != 0, tokens % 4 != 0}, random,
                       "gated_delta T=" + std::to_string(tokens) + " " + std::to_string(k) + "x" + std::to_string(v) + " " + word, out);
        }
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{1, 1}, {60, 100}, {96, 256}, {128, 128}, {7, 65}})
        // A single key channel divided by its own length is a constant: its gradient is all cancellation, so not normalised.
        checkDelta({{1, 40, 2, k, v}, Gates::normal, k > 1, true}, random,
                   "gated_delta T=40 " + std::to_string(k) + "x" + std::to_string(v), out);
    for (const std::size_t tokens : {1u, 2u, 3u, 4u, 7u, 64u})
        for (const std::size_t channels : {1u, 15u, 16u, 40u, 576u})
            for (const bool window : {false, true}) checkConv({2, tokens, channels}, window, random, out);
    for (const std::size_t n : {1u, 15u, 33u, 1000u, 49152u})
        for (const float scale : {1.0f, 100.0f}) checkLogSumExp(n, scale, random, out);
    for (auto& check : runRowChecks(seed + 1)) out.push_back(std::move(check));
    return out;
}

}  // namespace airframe::kernels::bench

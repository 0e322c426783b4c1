// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/gated_delta_reference.h"

namespace airframe::kernels::bench {
namespace {

struct DeltaCase {
    GatedDeltaShape shape;
    Gates gates = Gates::normal;
    bool l2norm = true, initial = true;
};

void checkCase(const DeltaCase& c, std::mt19937_64& random, const std::string& name, std::vector<Check>& out) {
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

void checkGatedDelta(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkReferenceGradients(random, out);
    for (const std::size_t tokens : {1u, 2u, 15u, 31u, 32u, 33u, 65u, 100u})
        for (const auto& [kind, word] : gate_kinds) {
            const std::size_t k = tokens % 2 ? 24 : 64, v = tokens % 2 ? 40 : 64;
            checkCase({{2, tokens, 3, k, v}, kind, tokens % 3 != 0, tokens % 4 != 0}, random,
                      "gated_delta T=" + std::to_string(tokens) + " " + std::to_string(k) + "x" + std::to_string(v) + " " + word, out);
        }
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{1, 1}, {60, 100}, {96, 256}, {128, 128}, {7, 65}})
        // A single key channel divided by its own length is a constant: its gradient is all cancellation, so not normalised.
        checkCase({{1, 40, 2, k, v}, Gates::normal, k > 1, true}, random,
                  "gated_delta T=40 " + std::to_string(k) + "x" + std::to_string(v), out);
}

void timeGatedDelta(std::vector<Timing>& out) {
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {128, 128}, {96, 256}})
        for (const std::size_t tokens : {1u, 64u, 512u}) {
            const GatedDeltaShape s{1, tokens, 12, k, v};
            const std::size_t rows = tokens * s.heads;
            std::vector<float> q(rows * k, 0.1f), kk(rows * k, 0.1f), vv(rows * v, 0.1f), g(rows, -0.1f), beta(rows, 0.5f);
            std::vector<float> o(rows * v), state(s.heads * k * v), saved(s.heads * savedStates(tokens) * k * v);
            std::vector<float> dq(rows * k), dk(rows * k), dv(rows * v), dg(rows), db(rows), initial(s.heads * k * v);
            const GatedDeltaInputs in{q.data(), kk.data(), vv.data(), g.data(), beta.data(), initial.data(), true};
            const std::string name = "gated_delta " + std::to_string(k) + "x" + std::to_string(v) + " T=" + std::to_string(tokens);
            const double units = static_cast<double>(rows), kv = static_cast<double>(k * v);
            const double bytes = 4.0 * (static_cast<double>(2 * k + 2 * v + 2) + 2 * kv / static_cast<double>(tokens));
            timeInto(out, {name + " forward", "token and head", 0, 0, bytes, 7 * kv}, units, [&] {
                gatedDeltaForward(s, in, {o.data(), state.data(), tokens > 1 ? saved.data() : nullptr}, 0, s.heads);
            });
            gatedDeltaForward(s, in, {o.data(), state.data(), saved.data()}, 0, s.heads);
            timeInto(out, {name + " backward", "token and head", 0, 0, 2 * bytes, 18 * kv}, units, [&] {
                gatedDeltaBackward(s, in, {o.data(), nullptr, saved.data(), dq.data(), dk.data(), dv.data(), dg.data(),
                                           db.data(), initial.data()}, 0, s.heads);
            });
        }
}

}  // namespace airframe::kernels::bench

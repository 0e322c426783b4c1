// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/helpers.h"
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
    checkGatedDeltaForms(seed + 100, out);
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

namespace {

/// On a boundary of a vector, as tensors are: a state that is not costs decoding up to half more.
struct Aligned {
    hwy::AlignedFreeUniquePtr<float[]> floats;
    std::size_t size = 0;

    Aligned& operator=(const Floats& x) {
        size = x.size();
        floats = hwy::AllocateAligned<float>(size);
        std::copy(x.begin(), x.end(), floats.get());
        return *this;
    }
    [[nodiscard]] float* data() const { return floats.get(); }
};

/// Random arrays of one shape and the calls on them. The state is updated in place, as when decoding.
struct TimedRule {
    GatedDeltaShape shape;
    Aligned q, k, v, g, beta, o, state, saved;

    explicit TimedRule(const GatedDeltaShape& s) : shape(s) {
        std::mt19937_64 random(7);
        const std::size_t rows = s.batch * s.tokens * s.heads, states = s.batch * s.heads * s.k * s.v;
        const float unit = 1 / std::sqrt(static_cast<float>(s.k));
        q = normal(random, rows * s.k, unit), k = normal(random, rows * s.k, unit), v = normal(random, rows * s.v);
        Floats decays = gates(random, rows, Gates::normal), rates(rows);
        for (float& x : decays) x *= 0.3f;
        for (float& x : rates) x = static_cast<float>(random() % 1001) / 1000.0f;
        g = decays, beta = rates, o = Floats(rows * s.v), state = normal(random, states, 0.1f);
        saved = Floats(s.batch * s.heads * savedStates(s.tokens) * s.k * s.v);
    }
    [[nodiscard]] GatedDeltaInputs in(bool l2norm) const {
        return {q.data(), k.data(), v.data(), g.data(), beta.data(), state.data(), l2norm};
    }
    [[nodiscard]] std::string name() const {
        return "gated_delta " + std::to_string(shape.k) + "x" + std::to_string(shape.v) + " H=" + std::to_string(shape.heads) +
               " T=" + std::to_string(shape.tokens);
    }
    [[nodiscard]] double units() const { return static_cast<double>(shape.tokens * shape.heads); }
    [[nodiscard]] double kv() const { return static_cast<double>(shape.k * shape.v); }
    [[nodiscard]] double bytes() const {
        return 4.0 * (static_cast<double>(2 * shape.k + 2 * shape.v + 2) + 2 * kv() / static_cast<double>(shape.tokens));
    }
};

void timeForward(TimedRule& rule, std::vector<Timing>& out) {
    for (const bool l2norm : {false, true}) {
        const auto in = rule.in(l2norm);
        for (unsigned threads = 1; threads <= std::min(2u, std::thread::hardware_concurrency()); ++threads) {
            Helpers helpers(threads);
            timeInto(out, {rule.name() + (l2norm ? " forward l2norm" : " forward"), "token and head", 0, 0, rule.bytes(),
                           7 * rule.kv(), threads},
                     rule.units(), [&] {
                         helpers.split(rule.shape.heads, [&](std::size_t begin, std::size_t end) {
                             gatedDeltaForward(rule.shape, in, {rule.o.data(), rule.state.data(), nullptr}, begin, end);
                         });
                     });
        }
    }
}

void timeBackward(TimedRule& rule, std::vector<Timing>& out) {
    const std::size_t H = rule.shape.heads;
    const auto in = rule.in(true);
    Floats state(rule.state.size), dq(rule.q.size), dk(rule.k.size), dv(rule.v.size), dg(rule.g.size), dbeta(rule.g.size);
    timeInto(out, {rule.name() + " forward, saved", "token and head", 0, 0, rule.bytes(), 7 * rule.kv()}, rule.units(),
             [&] { gatedDeltaForward(rule.shape, in, {rule.o.data(), state.data(), rule.saved.data()}, 0, H); });
    timeInto(out, {rule.name() + " backward", "token and head", 0, 0, 2 * rule.bytes(), 18 * rule.kv()}, rule.units(), [&] {
        gatedDeltaBackward(rule.shape, in, {rule.o.data(), nullptr, rule.saved.data(), dq.data(), dk.data(), dv.data(),
                                            dg.data(), dbeta.data(), state.data()}, 0, H);
    });
}

}  // namespace

void timeGatedDelta(std::vector<Timing>& out) {
    for (const auto& [k, v, heads] : {std::array<std::size_t, 3>{128, 128, 32}, {96, 256, 12}, {64, 64, 32}})
        for (const std::size_t tokens : {1u, 64u, 512u}) {
            TimedRule rule({1, tokens, heads, k, v});
            timeForward(rule, out);
        }
    for (const auto& [k, v, heads, tokens] : {std::array<std::size_t, 4>{64, 64, 9, 512}, {128, 128, 12, 64}, {96, 256, 12, 64}}) {
        TimedRule rule({1, tokens, heads, k, v});
        timeBackward(rule, out);
    }
}

}  // namespace airframe::kernels::bench

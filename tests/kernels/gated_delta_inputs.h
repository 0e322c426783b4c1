// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/reference/gated_delta_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {

/// Inputs of one call of the gated delta rule and what it must give.
struct GatedDeltaProblem {
    GatedDeltaShape shape;
    bool l2norm = true, carried = false, gated = true;
    bench::Floats q, k, v, g, beta, initial;
    reference::GatedDeltaResult want;

    GatedDeltaProblem(const GatedDeltaShape& s, bench::Gates gate_kind, bool normalised, bool initial_state,
                      std::uint64_t seed)
        : shape(s), l2norm(normalised), carried(initial_state) {
        std::mt19937_64 random(seed);
        if (!shape.key_heads) shape.key_heads = s.heads;
        const std::size_t rows = s.batch * s.tokens * s.heads, key_rows = s.batch * s.tokens * shape.key_heads;
        q = bench::normal(random, key_rows * s.k);
        k = bench::normal(random, key_rows * s.k);
        if (!normalised)  // keys longer than 1 make the rule itself unstable
            for (float& x : k) x /= 1.1f * std::sqrt(static_cast<float>(s.k));
        v = bench::normal(random, rows * s.v);
        g = bench::gates(random, rows, gate_kind);
        initial = bench::normal(random, sequenceCount(s.sequences, s.batch) * s.heads * s.k * s.v, 0.1f);
        for (std::size_t i = 0; i < rows; ++i) beta.push_back(static_cast<float>(random() % 1001) / 1000.0f);
        solve();
    }
    /// Keys and queries of one element, write strengths of 0, 1/2 and 1, no decay: whatever a kernel rounds of these is
    /// exact, so that only what it makes of v shows.
    void makeExact() {
        const auto unit = [this](bench::Floats& x) {
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] = i % shape.k == i / shape.k * 5 % shape.k % 7 ? 1.0f : 0.0f;
        };
        unit(q);
        unit(k);
        for (std::size_t i = 0; i < beta.size(); ++i) beta[i] = static_cast<float>(i % 3) / 2;
        for (float& x : g) x = 0;
        solve();
    }
    /// As a kernel of these element types sees it; without gates DeltaNet's rule.
    template <class T, class State>
    void become(bool with_gates) {
        for (bench::Floats* x : {&q, &k, &v}) inputs<T>(*x);
        inputs<State>(initial);
        gated = with_gates;
        solve();
    }
    void solve() {
        want = reference::gatedDelta(shape, {q.data(), k.data(), v.data(), gated ? g.data() : nullptr, beta.data(),
                                             carried ? initial.data() : nullptr, l2norm});
    }
    [[nodiscard]] std::string name() const {
        return std::to_string(shape.k) + "x" + std::to_string(shape.v) + " T=" + std::to_string(shape.tokens) +
               (l2norm ? " l2norm" : "") + (carried ? " carried" : "") + (gated ? "" : " no gates");
    }
};

template <class T, class State>
constexpr const char* element_names = sizeof(T) == 2 ? (sizeof(State) == 2 ? " bf16, state bf16" : " bf16")
                                                     : (sizeof(State) == 2 ? " state bf16" : "");

}  // namespace airframe::kernels::cuda::test

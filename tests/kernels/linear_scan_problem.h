// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/bench/linear_scan_inputs.h"
#include "kernels/cuda/linear_scan.cuh"
#include "kernels/reference/linear_scan_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {

/// One call, by what is special about it.
struct LinearScanCase {
    std::size_t batch, tokens, k, v;
    Decay decay = Decay::head;
    bench::Gates gates = bench::Gates::normal;
    bool carried = true, skipped = false;
    std::size_t heads = 2, q_heads = 0, k_heads = 0, v_heads = 0, g_heads = 0, gap = 0;  ///< gap: between tokens' rows
    bool unaligned = false;                ///< as if the arrays did not begin at multiples of 16 bytes
    std::vector<std::int64_t> offsets{};   ///< of packed sequences

    [[nodiscard]] LinearScanShape shape() const {
        LinearScanShape s;
        s.batch = batch, s.tokens = tokens, s.heads = heads, s.k = k, s.v = v, s.decay = decay;
        s.q_heads = q_heads, s.k_heads = k_heads, s.v_heads = v_heads, s.g_heads = g_heads;
        s.scale = 0.5f;
        if (!offsets.empty()) s.sequences = {offsets.data(), offsets.size() - 1};
        s = filled(s);
        s.q_stride += gap, s.k_stride += gap, s.v_stride += gap, s.skip_stride += 2 * gap;
        return s;
    }
};

/// Its arrays, lent to a kernel of element type T with states of type State, and what it must give.
template <class T, class State = float>
class LinearScanProblem {
  public:
    LinearScanProblem(const LinearScanCase& c, std::uint64_t seed) : m_case(c), m_random(seed) {
        p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads);
        p.k = static_cast<int>(s.k), p.v = static_cast<int>(s.v);
        p.q_heads = static_cast<int>(s.q_heads), p.k_heads = static_cast<int>(s.k_heads);
        p.v_heads = static_cast<int>(s.v_heads), p.g_heads = static_cast<int>(s.g_heads);
        p.q_stride = static_cast<int>(s.q_stride), p.k_stride = static_cast<int>(s.k_stride);
        p.v_stride = static_cast<int>(s.v_stride), p.skip_stride = static_cast<int>(s.skip_stride);
        p.decay = s.decay, p.scale = s.scale;
        p.wide = s.v % 4 == 0 && s.v_stride % 4 == 0 && !c.unaligned;
        p.queries = m_q, p.keys = m_k, p.values = m_v, p.out = m_out;
        if (c.carried) m_state = GlobalArray<State>("state", inputs<State>(m_call.initial));
        p.state = m_state;
        if (c.carried) p.initial = m_state;  // in place
        if (s.decay != Decay::none) p.decays = m_g;
        if (c.skipped) p.skips = m_skip, p.skip_inputs = m_x;
        if (!c.offsets.empty()) p.offsets = m_offsets;
    }
    LinearScanProblem(const LinearScanProblem&) = delete;
    LinearScanProblem& operator=(const LinearScanProblem&) = delete;

    [[nodiscard]] std::size_t pairs() const { return m_call.pairs(); }
    [[nodiscard]] bool even() const {
        return s.v % 2 == 0 && s.v_stride % 2 == 0 && s.skip_stride % 2 == 0 && !m_case.unaligned;
    }
    void compare(Report& report, double o_limit, double state_limit) const {
        const std::string name = std::to_string(s.k) + "x" + std::to_string(s.v) + " T=" + std::to_string(s.tokens) +
                                 " decay " + std::to_string(static_cast<int>(s.decay)) + (sizeof(T) == 2 ? " bf16" : "") + (sizeof(State) == 2 ? " kept in bf16" : "");
        report.compare(name + " o", relativeError(m_out.values(), m_want.o), o_limit);
        report.compare(name + " state", relativeError(m_state.values(), m_want.state),
                       sizeof(State) == 2 ? std::max(state_limit, 1.0 / 256) : state_limit);
    }

  private:
    [[nodiscard]] bench::LinearScanCall call() {
        bench::LinearScanCall made(s, m_case.gates, m_random, sizeof(T) == 2);
        if (sizeof(State) == 2) (void)bench::roundedToBf16(made.initial);
        return made;
    }
    const LinearScanCase& m_case;
    std::mt19937_64 m_random;

  public:
    const LinearScanShape s{m_case.shape()};
    LinearScanArguments<T, State> p;

  private:
    bench::LinearScanCall m_call = call();
    reference::LinearScanResult m_want = reference::linearScan(s, m_call.floats(m_case.carried, m_case.skipped));
    GlobalArray<T> m_q{"q", inputs<T>(m_call.q)}, m_k{"k", inputs<T>(m_call.k)}, m_v{"v", inputs<T>(m_call.v)},
        m_x{"x", inputs<T>(m_call.x)}, m_out = unwritten<T>("o", m_call.outputs());
    GlobalArray<float> m_g{"g", m_call.g}, m_skip{"skip", m_call.skip};
    GlobalArray<State> m_state = unwritten<State>("state", m_want.state.size());
    GlobalArray<std::int64_t> m_offsets{"offsets", m_case.offsets};
};

}  // namespace airframe::kernels::cuda::test

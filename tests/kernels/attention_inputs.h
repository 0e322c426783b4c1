// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/attention_combine.cuh"
#include "kernels/reference/attention_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {

/// A call of attention on the emulator: random inputs, the reference's answer, the kernel's arguments.
struct AttentionCase {
    AttentionShape shape;   ///< values lie as the keys do
    int span = 64;          ///< positions of a split
    float query_scale = 1;  ///< 40 makes one key take nearly all
    bool sinks = false;
    std::vector<std::size_t> lengths = {};
};

template <class Q>
class EmulatedAttention {
  public:
    EmulatedAttention(const AttentionCase& c, std::uint64_t seed) : m_case(c), m_random(seed) {
        const AttentionShape& s = c.shape;
        const std::size_t n = s.batch * s.groups * s.slots * s.d;
        m_k = bench::normal(m_random, n), m_v = bench::normal(m_random, n);
        m_q = bench::normal(m_random, s.batch * s.tokens * s.heads * s.d, c.query_scale);
        m_sinks = bench::normal(m_random, s.heads, 3);
        m_keys = {"keys", bench::roundedToBf16(m_k)};
        m_values = {"values", bench::roundedToBf16(m_v)};
        if constexpr (sizeof(Q) == 4) static_cast<void>(bench::roundedToBf16(m_q));  // as a bf16 model's queries are
        m_queries = {"q", inputs<Q>(m_q)};
        if (c.sinks) m_sink_logits = {"sinks", m_sinks};
        if (!c.lengths.empty()) m_lengths = {"lengths", c.lengths};
    }
    /// Of as many splits as the shape's longest sequence needs; `partial` always, or only for more than one.
    [[nodiscard]] AttentionArguments<Q> arguments(bool always_partial) {
        const AttentionShape& s = m_case.shape;
        const std::size_t seen = s.window ? std::min(s.length, s.window + s.tokens - 1) : s.length;
        AttentionArguments<Q> p;
        p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads),
        p.groups = static_cast<int>(s.groups);
        p.slots = static_cast<int>(s.slots), p.length = static_cast<int>(s.length),
        p.window = static_cast<int>(s.window);
        p.span = m_case.span, p.splits = (static_cast<int>(seen) + p.span - 1) / p.span;
        p.scale = attending::log2_e / std::sqrt(static_cast<float>(s.d));
        p.q = {s.tokens * s.heads * s.d, s.d, s.heads * s.d};
        p.k = p.v = s.keys.row ? s.keys : AttentionStrides{s.groups * s.slots * s.d, s.slots * s.d, s.d};
        p.queries = m_queries, p.keys = m_keys, p.values = m_values;
        if (m_case.sinks) p.sinks = m_sink_logits;
        if (!m_case.lengths.empty()) p.lengths = m_lengths;
        const std::size_t parts = s.batch * s.tokens * s.heads * static_cast<std::size_t>(p.splits);
        if (always_partial || p.splits > 1) {
            m_partial = unwritten("partial", parts * s.d), m_statistics = unwritten("statistics", parts * 2);
            p.partial = m_partial, p.statistics = m_statistics;
        }
        m_out = unwritten<Q>("o", m_q.size());
        p.out = m_out;
        return p;
    }
    void compare(Report& report) const {
        const AttentionShape& s = m_case.shape;
        const auto want =
            reference::attention(s, {m_q.data(), m_k.data(), m_v.data(), m_case.sinks ? m_sinks.data() : nullptr,
                                     m_case.lengths.empty() ? nullptr : m_case.lengths.data()});
        report.compare((sizeof(Q) == 2 ? "bf16" : "float32") + std::string(" T=") + std::to_string(s.tokens) + " H=" +
                           std::to_string(s.heads) + "/" + std::to_string(s.groups) + " d=" + std::to_string(s.d) +
                           " length=" + std::to_string(s.length) + " W=" + std::to_string(s.window),
                       relativeError(m_out.values(), want), 5e-3);
    }

  private:
    AttentionCase m_case;
    std::mt19937_64 m_random;
    bench::Floats m_k, m_v, m_q, m_sinks;
    GlobalArray<Q> m_queries{"q", {}}, m_out{"o", {}};
    GlobalArray<Bf16> m_keys{"keys", {}}, m_values{"values", {}};
    GlobalArray<float> m_sink_logits{"sinks", {}}, m_partial{"partial", {}}, m_statistics{"statistics", {}};
    GlobalArray<std::size_t> m_lengths{"lengths", {}};
};

}  // namespace airframe::kernels::cuda::test

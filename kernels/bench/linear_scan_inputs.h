// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "kernels/bench/random_inputs.h"
#include "kernels/linear_scan.h"

namespace airframe::kernels::bench {

/// One call's arrays, drawn for a shape; values that bf16 can hold, so that both element types see the same numbers.
struct LinearScanCall {
    LinearScanShape shape;
    Floats q, k, v, g, initial, skip, x;
    std::vector<Bf16> q16, k16, v16, x16;

    /// Without `rounded` there are no bf16 arrays, and the others hold more than bf16 can.
    LinearScanCall(const LinearScanShape& s, Gates kind, std::mt19937_64& random, bool rounded = true) : shape(filled(s)) {
        const std::size_t rows = s.batch * s.tokens, states = sequenceCount(s.sequences, s.batch) * s.heads;
        q = normal(random, rows * shape.q_stride);
        k = normal(random, rows * shape.k_stride, 1 / std::sqrt(static_cast<float>(s.k)));
        v = normal(random, rows * shape.v_stride);
        x = normal(random, rows * shape.skip_stride);
        if (rounded) q16 = roundedToBf16(q), k16 = roundedToBf16(k), v16 = roundedToBf16(v), x16 = roundedToBf16(x);
        const std::size_t per_token = rows * shape.g_heads;
        g = gates(random, s.decay == Decay::key ? per_token * s.k : s.decay == Decay::head ? per_token : s.heads, kind);
        initial = normal(random, states * s.k * s.v, 0.1f);
        skip = normal(random, s.heads);
    }
    [[nodiscard]] std::size_t pairs() const { return sequenceCount(shape.sequences, shape.batch) * shape.heads; }
    [[nodiscard]] std::size_t outputs() const { return shape.batch * shape.tokens * shape.heads * shape.v; }
    [[nodiscard]] LinearScanInputs<float> floats(bool carried, bool skipped) const {
        return {q.data(), k.data(), v.data(), g.data(), carried ? initial.data() : nullptr, skipped ? skip.data() : nullptr, x.data()};
    }
    [[nodiscard]] LinearScanInputs<Bf16> halves(bool carried, bool skipped) const {
        return {q16.data(), k16.data(), v16.data(), g.data(), carried ? initial.data() : nullptr, skipped ? skip.data() : nullptr, x16.data()};
    }
};

}  // namespace airframe::kernels::bench

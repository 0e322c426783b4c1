// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "kernels/bench/random_inputs.h"
#include "kernels/delta_product.h"

namespace airframe::kernels::bench {

/// One call's arrays as RWKV7 makes them: a = -kk of length 1, b = kk times a rate in (0, 1). All but w can be held by bf16.
struct DeltaProductCall {
    DeltaProductShape shape;
    Floats r, w, k, v, a, b, initial;
    std::vector<Bf16> r16, k16, v16, a16, b16;

    DeltaProductCall(const DeltaProductShape& s, Gates kind, std::mt19937_64& random) : shape(s) {
        const std::size_t rows = s.batch * s.tokens * s.heads;
        r = normal(random, rows * s.k);
        w = gates(random, rows * s.k, kind);
        k = normal(random, rows * s.k, 1 / std::sqrt(static_cast<float>(s.k)));
        v = normal(random, rows * s.v);
        a = normal(random, rows * s.k);
        b.resize(a.size());
        for (std::size_t row = 0; row < rows; ++row) {
            float* x = a.data() + row * s.k;
            double squares = 1e-6;
            for (std::size_t i = 0; i < s.k; ++i) squares += static_cast<double>(x[i]) * x[i];
            for (std::size_t i = 0; i < s.k; ++i) {
                x[i] = static_cast<float>(-x[i] / std::sqrt(squares));
                b[row * s.k + i] = -x[i] * static_cast<float>(random() % 1000) / 1000;
            }
        }
        initial = normal(random, pairs() * s.k * s.v, 0.1f);
        r16 = roundedToBf16(r), k16 = roundedToBf16(k), v16 = roundedToBf16(v), a16 = roundedToBf16(a), b16 = roundedToBf16(b);
    }
    [[nodiscard]] std::size_t pairs() const { return sequenceCount(shape.sequences, shape.batch) * shape.heads; }
    [[nodiscard]] std::size_t outputs() const { return shape.batch * shape.tokens * shape.heads * shape.v; }
    [[nodiscard]] DeltaProductInputs<float> floats(bool carried) const {
        return {r.data(), w.data(), k.data(), v.data(), a.data(), b.data(), carried ? initial.data() : nullptr};
    }
    [[nodiscard]] DeltaProductInputs<Bf16> halves(bool carried) const {
        return {r16.data(), w.data(), k16.data(), v16.data(), a16.data(), b16.data(), carried ? initial.data() : nullptr};
    }
};

}  // namespace airframe::kernels::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/bench/random_inputs.h"
#include "kernels/short_conv.h"

namespace airframe::kernels::bench {

/// One call's arrays; values that bf16 can hold, so that both element types see the same numbers.
struct ShortConvCall {
    Floats u, weight, bias, window;
    std::vector<Bf16> u16, weight16, bias16, window16;

    ShortConvCall(const ShortConvShape& s, std::mt19937_64& random) {
        u = normal(random, s.batch * s.tokens * (s.stride ? s.stride : s.channels));
        weight = normal(random, s.channels * s.taps, 0.5f);
        bias = normal(random, s.channels);
        window = normal(random, sequenceCount(s.sequences, s.batch) * s.channels * s.taps);
        u16 = roundedToBf16(u), weight16 = roundedToBf16(weight), bias16 = roundedToBf16(bias), window16 = roundedToBf16(window);
    }
    [[nodiscard]] ShortConvInputs<float> floats(bool biased, bool carried) const {
        return {u.data(), weight.data(), biased ? bias.data() : nullptr, carried ? window.data() : nullptr};
    }
    [[nodiscard]] ShortConvInputs<Bf16> halves(bool biased, bool carried) const {
        return {u16.data(), weight16.data(), biased ? bias16.data() : nullptr, carried ? window16.data() : nullptr};
    }
};

}  // namespace airframe::kernels::bench

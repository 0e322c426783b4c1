// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/short_conv_reference.h"

#include <cmath>

namespace airframe::kernels::reference {

ShortConvResult shortConv(const ShortConvShape& s, const ShortConvInputs<float>& in) {
    const std::size_t N = sequenceCount(s.sequences, s.batch), C = s.channels, W = s.taps, stride = s.stride ? s.stride : C;
    ShortConvResult r;
    r.y.assign(s.batch * s.tokens * C, 0);
    r.window.assign(N * C * W, 0);
    for (std::size_t n = 0; n < N; ++n)
        for (std::size_t c = 0; c < C; ++c) {
            std::vector<double> window(W, 0);
            if (in.window)
                for (std::size_t w = 0; w < W; ++w) window[w] = in.window[(n * C + c) * W + w];
            const TokenRange range = tokensOf(s.sequences, s.tokens, n);
            for (std::size_t row = range.begin; row < range.end; ++row) {
                window.erase(window.begin());
                window.push_back(in.u[row * stride + c]);
                double sum = in.bias ? in.bias[c] : 0;
                for (std::size_t w = 0; w < W; ++w) sum += in.weight[c * W + w] * window[w];
                r.y[row * C + c] = s.silu ? sum / (1 + std::exp(-sum)) : sum;
            }
            for (std::size_t w = 0; w < W; ++w) r.window[(n * C + c) * W + w] = window[w];
        }
    return r;
}

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/dynamic_conv_reference.h"

#include <cmath>

namespace airframe::kernels::reference {

DynamicConvResult dynamicConv(const DynamicConvShape& s, const DynamicConvInputs<float>& in, const DynamicConvGradients& grad) {
    const std::size_t B = s.batch, T = s.tokens, C = s.channels;
    DynamicConvResult r;
    r.y.assign(B * T * C, 0);
    r.window.assign(B * C * conv_taps, 0);
    if (grad.d_y) {
        r.d_u.assign(B * T * C, 0);
        r.d_taps.assign(B * T * C * conv_taps, 0);
        r.d_window.assign(B * C * conv_taps, 0);
    }
    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t c = 0; c < C; ++c) {
            // The stream of this channel: the window, then this call; token t stands at index t + 4.
            std::vector<double> stream(conv_taps, 0);
            if (in.window)
                for (std::size_t w = 0; w < conv_taps; ++w) stream[w] = in.window[(b * C + c) * conv_taps + w];
            for (std::size_t t = 0; t < T; ++t) stream.push_back(in.u[(b * T + t) * C + c]);
            for (std::size_t t = 0; t < T; ++t) {
                const std::size_t at = (b * T + t) * C + c;
                double x = 0;
                for (std::size_t w = 0; w < conv_taps; ++w) x += in.taps[at * conv_taps + w] * stream[t + 1 + w];
                const double sig = 1.0 / (1.0 + std::exp(-x));
                r.y[at] = x * sig;
                if (!grad.d_y) continue;
                const double dx = grad.d_y[at] * sig * (1.0 + x * (1.0 - sig));
                for (std::size_t w = 0; w < conv_taps; ++w) {
                    r.d_taps[at * conv_taps + w] = dx * stream[t + 1 + w];
                    const double du = dx * in.taps[at * conv_taps + w];
                    if (t + 1 + w >= conv_taps) r.d_u[(b * T + t + 1 + w - conv_taps) * C + c] += du;
                    else r.d_window[(b * C + c) * conv_taps + t + 1 + w] += du;
                }
            }
            for (std::size_t w = 0; w < conv_taps; ++w) r.window[(b * C + c) * conv_taps + w] = stream[T + w];
        }
    return r;
}

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/dynamic_conv.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Vec = hn::Vec<D>;

HWY_INLINE float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

HWY_INLINE Vec sigmoid(D d, Vec x) {
    const Vec one = hn::Set(d, 1.0f);
    return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(x))));
}

/// Raw input of channel c of batch entry b, `back` tokens before token t; reaches into the window before the call.
HWY_INLINE float rawInput(const DynamicConvShape& s, const DynamicConvInputs& in, std::size_t b, std::size_t t,
                          std::size_t c, std::size_t back) {
    if (t >= back) return in.u[(b * s.tokens + t - back) * s.channels + c];
    return in.window ? in.window[(b * s.channels + c) * conv_taps + conv_taps - (back - t)] : 0.0f;
}

HWY_INLINE float preActivation(const DynamicConvShape& s, const DynamicConvInputs& in, std::size_t b, std::size_t t,
                               std::size_t c) {
    const float* taps = in.taps + ((b * s.tokens + t) * s.channels + c) * conv_taps;
    float sum = 0;
    for (std::size_t w = 0; w < conv_taps; ++w) sum += taps[w] * rawInput(s, in, b, t, c, conv_taps - 1 - w);
    return sum;
}

/// Channels in [c, end) that fill whole vectors, once the four inputs all lie inside this call.
HWY_INLINE std::size_t vectorEnd(std::size_t t, std::size_t begin, std::size_t end) {
    const std::size_t N = hn::Lanes(D());
    return t + 1 < conv_taps ? begin : begin + (end - begin) / N * N;
}

void ConvForward(const DynamicConvShape& s, const DynamicConvInputs& in, const DynamicConvOutputs& out, std::size_t begin,
             std::size_t end) {
    const D d;
    const std::size_t N = hn::Lanes(d), C = s.channels;
    for (std::size_t b = 0; b < s.batch; ++b) {
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const std::size_t row = (b * s.tokens + t) * C;
            std::size_t c = begin;
            for (const std::size_t stop = vectorEnd(t, begin, end); c < stop; c += N) {
                Vec t0, t1, t2, t3;
                hn::LoadInterleaved4(d, in.taps + (row + c) * conv_taps, t0, t1, t2, t3);
                const float* u = in.u + row + c;
                Vec x = hn::Mul(t0, hn::LoadU(d, u - 3 * C));
                x = hn::MulAdd(t1, hn::LoadU(d, u - 2 * C), x);
                x = hn::MulAdd(t2, hn::LoadU(d, u - C), x);
                x = hn::MulAdd(t3, hn::LoadU(d, u), x);
                hn::StoreU(hn::Mul(x, sigmoid(d, x)), d, out.y + row + c);
            }
            for (; c < end; ++c) {
                const float x = preActivation(s, in, b, t, c);
                out.y[row + c] = x * sigmoid(x);
            }
        }
        if (!out.window) continue;
        for (std::size_t c = begin; c < end; ++c) {
            float next[conv_taps];  // read before writing: the two windows may be the same memory
            for (std::size_t w = 0; w < conv_taps; ++w)
                next[w] = rawInput(s, in, b, s.tokens - 1, c, conv_taps - 1 - w);
            std::memcpy(out.window + (b * C + c) * conv_taps, next, sizeof(next));
        }
    }
}

void ConvBackward(const DynamicConvShape& s, const DynamicConvInputs& in, const DynamicConvGradients& grad,
              std::size_t begin, std::size_t end) {
    const D d;
    const std::size_t N = hn::Lanes(d), C = s.channels;
    const Vec one = hn::Set(d, 1.0f);
    for (std::size_t b = 0; b < s.batch; ++b) {
        for (std::size_t t = 0; t < s.tokens; ++t)
            std::memset(grad.d_u + (b * s.tokens + t) * C + begin, 0, (end - begin) * sizeof(float));
        if (grad.d_window)
            std::memset(grad.d_window + (b * C + begin) * conv_taps, 0, (end - begin) * conv_taps * sizeof(float));
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const std::size_t row = (b * s.tokens + t) * C;
            std::size_t c = begin;
            for (const std::size_t stop = vectorEnd(t, begin, end); c < stop; c += N) {
                Vec t0, t1, t2, t3;
                hn::LoadInterleaved4(d, in.taps + (row + c) * conv_taps, t0, t1, t2, t3);
                const float* u = in.u + row + c;
                const Vec u0 = hn::LoadU(d, u - 3 * C), u1 = hn::LoadU(d, u - 2 * C), u2 = hn::LoadU(d, u - C),
                          u3 = hn::LoadU(d, u);
                Vec x = hn::Mul(t0, u0);
                x = hn::MulAdd(t1, u1, x);
                x = hn::MulAdd(t2, u2, x);
                x = hn::MulAdd(t3, u3, x);
                const Vec sig = sigmoid(d, x);
                const Vec slope = hn::Mul(sig, hn::MulAdd(x, hn::Sub(one, sig), one));
                const Vec dx = hn::Mul(hn::LoadU(d, grad.d_y + row + c), slope);
                hn::StoreInterleaved4(hn::Mul(dx, u0), hn::Mul(dx, u1), hn::Mul(dx, u2), hn::Mul(dx, u3), d,
                                      grad.d_taps + (row + c) * conv_taps);
                float* du = grad.d_u + row + c;
                hn::StoreU(hn::MulAdd(dx, t0, hn::LoadU(d, du - 3 * C)), d, du - 3 * C);
                hn::StoreU(hn::MulAdd(dx, t1, hn::LoadU(d, du - 2 * C)), d, du - 2 * C);
                hn::StoreU(hn::MulAdd(dx, t2, hn::LoadU(d, du - C)), d, du - C);
                hn::StoreU(hn::MulAdd(dx, t3, hn::LoadU(d, du)), d, du);
            }
            for (; c < end; ++c) {
                const float* taps = in.taps + (row + c) * conv_taps;
                const float x = preActivation(s, in, b, t, c), sig = sigmoid(x);
                const float dx = grad.d_y[row + c] * sig * (1.0f + x * (1.0f - sig));
                for (std::size_t w = 0; w < conv_taps; ++w) {
                    const std::size_t back = conv_taps - 1 - w;
                    grad.d_taps[(row + c) * conv_taps + w] = dx * rawInput(s, in, b, t, c, back);
                    if (t >= back) grad.d_u[row + c - back * C] += dx * taps[w];
                    else if (grad.d_window)
                        grad.d_window[(b * C + c) * conv_taps + conv_taps - (back - t)] += dx * taps[w];
                }
            }
        }
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(ConvForward);
HWY_EXPORT(ConvBackward);

void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs& in, const DynamicConvOutputs& out,
                        std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ConvForward)(shape, in, out, begin, end);
}

void dynamicConvBackward(const DynamicConvShape& shape, const DynamicConvInputs& in, const DynamicConvGradients& grad,
                         std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ConvBackward)(shape, in, grad, begin, end);
}
}  // namespace airframe::kernels::simd
#endif

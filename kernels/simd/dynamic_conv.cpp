// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/dynamic_conv.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

HWY_INLINE void loadTaps(D d, const float* x, Vec& t0, Vec& t1, Vec& t2, Vec& t3) {
    hn::LoadInterleaved4(d, x, t0, t1, t2, t3);
}
HWY_INLINE void loadTaps(D d, const Bf16* x, Vec& t0, Vec& t1, Vec& t2, Vec& t3) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    const auto wide = [&](auto h) HWY_ATTR { return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, h))); };
    hn::Vec<decltype(half)> h0, h1, h2, h3;
    hn::LoadInterleaved4(half, &x->bits, h0, h1, h2, h3);
    t0 = wide(h0), t1 = wide(h1), t2 = wide(h2), t3 = wide(h3);
}

HWY_INLINE std::size_t strideOf(const DynamicConvShape& s) { return s.stride ? s.stride : s.channels; }

/// Raw input of channel c of batch entry b, `back` tokens before token t; reaches into the window before the call.
template <class T>
HWY_INLINE T rawInput(const DynamicConvShape& s, const DynamicConvInputs<T>& in, std::size_t b, std::size_t t,
                      std::size_t c, std::size_t back) {
    if (t >= back) return in.u[(b * s.tokens + t - back) * strideOf(s) + c];
    return in.window ? in.window[(b * s.channels + c) * conv_taps + conv_taps - (back - t)] : T{};
}

template <class T>
HWY_INLINE float preActivation(const DynamicConvShape& s, const DynamicConvInputs<T>& in, std::size_t b, std::size_t t,
                               std::size_t c) {
    const T* taps = in.taps + ((b * s.tokens + t) * s.channels + c) * conv_taps;
    float sum = 0;
    for (std::size_t w = 0; w < conv_taps; ++w)
        sum += toFloat(taps[w]) * toFloat(rawInput(s, in, b, t, c, conv_taps - 1 - w));
    return sum;
}

/// Channels in [c, end) that fill whole vectors, once the four inputs all lie inside this call.
HWY_INLINE std::size_t vectorEnd(std::size_t t, std::size_t begin, std::size_t end) {
    const std::size_t N = hn::Lanes(D());
    return t + 1 < conv_taps ? begin : begin + (end - begin) / N * N;
}

template <class T>
HWY_INLINE void convForward(const DynamicConvShape& s, const DynamicConvInputs<T>& in, const DynamicConvOutputs<T>& out,
                            std::size_t begin, std::size_t end) {
    const D d;
    const std::size_t N = hn::Lanes(d), C = s.channels, stride = strideOf(s);
    for (std::size_t b = 0; b < s.batch; ++b) {
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const std::size_t row = (b * s.tokens + t) * C;
            std::size_t c = begin;
            for (const std::size_t stop = vectorEnd(t, begin, end); c < stop; c += N) {
                Vec t0, t1, t2, t3;
                loadTaps(d, in.taps + (row + c) * conv_taps, t0, t1, t2, t3);
                const T* u = in.u + (b * s.tokens + t) * stride + c;
                Vec x = hn::Mul(t0, load(d, u - 3 * stride));
                x = hn::MulAdd(t1, load(d, u - 2 * stride), x);
                x = hn::MulAdd(t2, load(d, u - stride), x);
                x = hn::MulAdd(t3, load(d, u), x);
                store(silu(d, x), d, out.y + row + c);
            }
            for (; c < end; ++c) out.y[row + c] = silu(preActivation(s, in, b, t, c));
        }
        if (!out.window) continue;
        for (std::size_t c = begin; c < end; ++c) {
            T next[conv_taps];  // read before writing: the two windows may be the same memory
            for (std::size_t w = 0; w < conv_taps; ++w)
                next[w] = rawInput(s, in, b, s.tokens - 1, c, conv_taps - 1 - w);
            std::memcpy(out.window + (b * C + c) * conv_taps, next, sizeof(next));
        }
    }
}

void ConvForwardFloat(const DynamicConvShape& s, const DynamicConvInputs<float>& in,
                      const DynamicConvOutputs<float>& out, std::size_t begin, std::size_t end) {
    convForward(s, in, out, begin, end);
}
void ConvForwardBf16(const DynamicConvShape& s, const DynamicConvInputs<Bf16>& in, const DynamicConvOutputs<Bf16>& out,
                     std::size_t begin, std::size_t end) {
    convForward(s, in, out, begin, end);
}

void ConvBackward(const DynamicConvShape& s, const DynamicConvInputs<float>& in, const DynamicConvGradients& grad,
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
HWY_EXPORT(ConvForwardFloat);
HWY_EXPORT(ConvForwardBf16);
HWY_EXPORT(ConvBackward);

void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                        const DynamicConvOutputs<float>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ConvForwardFloat)(shape, in, out, begin, end);
}

void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<Bf16>& in,
                        const DynamicConvOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ConvForwardBf16)(shape, in, out, begin, end);
}

void dynamicConvBackward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                         const DynamicConvGradients& grad, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ConvBackward)(shape, in, grad, begin, end);
}
}  // namespace airframe::kernels::simd
#endif

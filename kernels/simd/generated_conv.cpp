// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/generated_conv.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/generated_conv_simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

/// y[c] = silu(sum of taps[c, w] line_w[c]), the four lines `stride` apart.
HWY_INLINE void convolveToken(const float* taps, const float* line, std::size_t stride, std::size_t count, float* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + N <= count; c += N) {
        Vec t0, t1, t2, t3;
        hn::LoadInterleaved4(d, taps + c * conv_taps, t0, t1, t2, t3);
        Vec x = hn::Mul(t0, hn::LoadU(d, line + c));
        x = hn::MulAdd(t1, hn::LoadU(d, line + stride + c), x);
        x = hn::MulAdd(t2, hn::LoadU(d, line + 2 * stride + c), x);
        x = hn::MulAdd(t3, hn::LoadU(d, line + 3 * stride + c), x);
        hn::StoreU(silu(d, x), d, y + c);
    }
    for (; c < count; ++c) {
        float x = 0;
        for (std::size_t w = 0; w < conv_taps; ++w) x += taps[c * conv_taps + w] * line[w * stride + c];
        y[c] = silu(x);
    }
}

void Convolve(const GeneratedConvInputs& in, const float* taps, std::size_t taps_stride, const GeneratedConvOutputs& out,
              std::size_t first, std::size_t count) {
    constexpr std::size_t before = conv_taps - 1;
    const std::size_t T = in.tokens, C = in.channels, stride = in.u_stride ? in.u_stride : C;
    thread_local std::vector<float> lines;  // [3 + T, count]: the window, then the tokens
    lines.resize(std::max(lines.size(), (before + T) * count));
    for (std::size_t b = 0; b < in.batch; ++b) {
        const float* window = in.window ? in.window + (b * C + first) * conv_taps : nullptr;
        for (std::size_t w = 0; w < before; ++w)
            for (std::size_t c = 0; c < count; ++c) lines[w * count + c] = window ? window[c * conv_taps + w + 1] : 0.0f;
        for (std::size_t t = 0; t < T; ++t)
            std::memcpy(lines.data() + (before + t) * count, in.u + (b * T + t) * stride + first, count * sizeof(float));
        for (std::size_t t = 0; t < T; ++t)
            convolveToken(taps + (b * T + t) * taps_stride, lines.data() + t * count, count, count, out.y + (b * T + t) * C + first);
        if (!out.window) continue;
        float* after = out.window + (b * C + first) * conv_taps;
        for (std::size_t c = 0; c < count; ++c)
            for (std::size_t w = 0; w < conv_taps; ++w) after[c * conv_taps + w] = lines[(T - 1 + w) * count + c];
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(Convolve);

void convolve(const GeneratedConvInputs& in, const float* taps, std::size_t taps_stride, const GeneratedConvOutputs& out,
              std::size_t first, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(Convolve)(in, taps, taps_stride, out, first, count);
}

}  // namespace airframe::kernels::simd
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of vectors cannot be formed of vectors of unknown length: Arm runs the NEON body.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/short_conv.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace short_conv {

// Tokens of one strip: its rows stay in the first-level cache's reach while the channels go by line after line.
constexpr std::size_t strip = 16;

template <std::size_t W, class DT, class E, class V>
HWY_INLINE void loadInterleaved(DT d, const E* x, V (&out)[W]) {
    if constexpr (W == 2) hn::LoadInterleaved2(d, x, out[0], out[1]);
    else if constexpr (W == 3) hn::LoadInterleaved3(d, x, out[0], out[1], out[2]);
    else hn::LoadInterleaved4(d, x, out[0], out[1], out[2], out[3]);
}

/// W values per channel, one vector of channels: [C, W] in memory.
template <std::size_t W>
HWY_INLINE void loadColumns(D d, const float* x, Vec (&out)[W]) {
    loadInterleaved<W>(d, x, out);
}
template <std::size_t W>
HWY_INLINE void loadColumns(D d, const Bf16* x, Vec (&out)[W]) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    hn::Vec<decltype(half)> narrow[W];
    loadInterleaved<W>(half, &x->bits, narrow);
    for (std::size_t w = 0; w < W; ++w) out[w] = hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, narrow[w])));
}

template <std::size_t W, class DT, class V, class E>
HWY_INLINE void storeInterleaved(DT d, const V (&x)[W], E* to) {
    if constexpr (W == 2) hn::StoreInterleaved2(x[0], x[1], d, to);
    else if constexpr (W == 3) hn::StoreInterleaved3(x[0], x[1], x[2], d, to);
    else hn::StoreInterleaved4(x[0], x[1], x[2], x[3], d, to);
}

/// The reverse, for values that are raw inputs: bf16 then holds them as they are.
template <std::size_t W>
HWY_INLINE void storeColumns(D d, const Vec (&x)[W], float* to) {
    storeInterleaved<W>(d, x, to);
}
template <std::size_t W>
HWY_INLINE void storeColumns(D d, const Vec (&x)[W], Bf16* to) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    hn::Vec<decltype(half)> narrow[W];
    for (std::size_t w = 0; w < W; ++w) narrow[w] = hn::TruncateTo(half, hn::ShiftRight<16>(hn::BitCast(bits, x[w])));
    storeInterleaved<W>(half, narrow, &to->bits);
}

/// What one sequence reads and writes.
template <class T>
struct Sequence {
    const ShortConvShape& s;
    const ShortConvInputs<T>& in;
    const ShortConvOutputs<T>& out;
    TokenRange range;
    const T* before;  ///< [C, W] the window, nullptr = zeros
    T* after;         ///< [C, W], nullptr = not wanted
};

/// One vector of channels through tokens first..last-1.
template <std::size_t W, class T>
HWY_INLINE void convVector(const Sequence<T>& q, std::size_t c, std::size_t first, std::size_t last) {
    const D d;
    const std::size_t stride = q.s.stride, C = q.s.channels;
    Vec taps[W], x[W];  // x: the inputs from W-1 tokens ago to now
    loadColumns<W>(d, q.in.weight + c * W, taps);
    const Vec bias = q.in.bias ? load(d, q.in.bias + c) : hn::Zero(d);
    x[0] = hn::Zero(d);
    Vec window[W];
    for (Vec& w : window) w = hn::Zero(d);
    if (q.before && first - q.range.begin < W - 1) loadColumns<W>(d, q.before + c * W, window);
    for (std::size_t w = 1; w < W; ++w) {
        const std::size_t back = W - w;  // x[w] is shifted to x[w - 1] before it is used
        x[w] = first - q.range.begin >= back ? load(d, q.in.u + (first - back) * stride + c)
                                             : window[W - back + (first - q.range.begin)];
    }
    for (std::size_t row = first; row < last; ++row) {
        for (std::size_t w = 1; w < W; ++w) x[w - 1] = x[w];
        x[W - 1] = load(d, q.in.u + row * stride + c);
        Vec sum = bias;
        for (std::size_t w = 0; w < W; ++w) sum = hn::MulAdd(taps[w], x[w], sum);
        store(q.s.silu ? silu(d, sum) : sum, d, q.out.y + row * C + c);
    }
    if (!q.after || last != q.range.end) return;
    storeColumns<W>(d, x, q.after + c * W);
}

/// One channel, all tokens: what does not fill a vector.
template <std::size_t W, class T>
HWY_INLINE void convChannel(const Sequence<T>& q, std::size_t c) {
    float x[W] = {};
    if (q.before)
        for (std::size_t w = 0; w < W; ++w) x[w] = toFloat(q.before[c * W + w]);
    for (std::size_t row = q.range.begin; row < q.range.end; ++row) {
        for (std::size_t w = 1; w < W; ++w) x[w - 1] = x[w];
        x[W - 1] = toFloat(q.in.u[row * q.s.stride + c]);
        float sum = q.in.bias ? toFloat(q.in.bias[c]) : 0.0f;
        for (std::size_t w = 0; w < W; ++w) sum += toFloat(q.in.weight[c * W + w]) * x[w];
        assign(q.out.y[row * q.s.channels + c], q.s.silu ? silu(sum) : sum);
    }
    if (!q.after) return;
    for (std::size_t w = 0; w < W; ++w) assign(q.after[c * W + w], x[w]);
}

template <std::size_t W, class T>
HWY_INLINE void convTaps(const ShortConvShape& s, const ShortConvInputs<T>& in, const ShortConvOutputs<T>& out,
                         std::size_t begin, std::size_t end) {
    const std::size_t N = hn::Lanes(D()), vectors = begin + (end - begin) / N * N;
    for (std::size_t n = 0; n < sequenceCount(s.sequences, s.batch); ++n) {
        const std::size_t at = n * s.channels * W;
        const Sequence<T> q{s, in, out, tokensOf(s.sequences, s.tokens, n), in.window ? in.window + at : nullptr,
                            out.window ? out.window + at : nullptr};
        for (std::size_t row = q.range.begin; row < q.range.end; row += strip)
            for (std::size_t c = begin; c < vectors; c += N) convVector<W>(q, c, row, std::min(row + strip, q.range.end));
        // A sequence without tokens only hands its window on.
        for (std::size_t c = q.range.size() == 0 ? begin : vectors; c < end; ++c) convChannel<W>(q, c);
    }
}

template <class T>
HWY_INLINE void convOf(const ShortConvShape& s, const ShortConvInputs<T>& in, const ShortConvOutputs<T>& out,
                       std::size_t begin, std::size_t end) {
    if (s.taps == 2) convTaps<2>(s, in, out, begin, end);
    else if (s.taps == 3) convTaps<3>(s, in, out, begin, end);
    else convTaps<4>(s, in, out, begin, end);
}

}  // namespace short_conv

void ShortConvFloat(const ShortConvShape& s, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
                    std::size_t begin, std::size_t end) {
    short_conv::convOf(s, in, out, begin, end);
}
void ShortConvBf16(const ShortConvShape& s, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
                   std::size_t begin, std::size_t end) {
    short_conv::convOf(s, in, out, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(ShortConvFloat);
HWY_EXPORT(ShortConvBf16);

void shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
               std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ShortConvFloat)(shape, in, out, begin, end);
}
void shortConv(const ShortConvShape& shape, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
               std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ShortConvBf16)(shape, in, out, begin, end);
}

}  // namespace airframe::kernels::simd
#endif

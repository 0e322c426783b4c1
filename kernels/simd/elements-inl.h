// SPDX-License-Identifier: GPL-3.0-or-later
// Loads and stores of float32 and bfloat16 as vectors of float32, and the functions that kernels share. Included once per
// instruction set, so the guard follows Highway's convention instead of #pragma once.
#if defined(AIRFRAME_KERNELS_SIMD_ELEMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef AIRFRAME_KERNELS_SIMD_ELEMENTS_INL_H_
#undef AIRFRAME_KERNELS_SIMD_ELEMENTS_INL_H_
#else
#define AIRFRAME_KERNELS_SIMD_ELEMENTS_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>

#include "kernels/bf16.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Vec = hn::Vec<D>;

HWY_INLINE Vec load(D d, const float* x) { return hn::LoadU(d, x); }
HWY_INLINE Vec load(D d, const Bf16* x) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(half, &x->bits))));
}

HWY_INLINE void store(Vec x, D d, float* to) { hn::StoreU(x, d, to); }
HWY_INLINE void store(Vec x, D d, Bf16* to) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    const auto word = hn::BitCast(bits, x);
    const auto odd = hn::And(hn::ShiftRight<16>(word), hn::Set(bits, 1));
    const auto rounded = hn::ShiftRight<16>(hn::Add(hn::Add(word, hn::Set(bits, 0x7FFF)), odd));
    const auto nan = hn::RebindMask(bits, hn::IsNaN(x));
    const auto kept = hn::IfThenElse(nan, hn::Set(bits, 0x7FC0), rounded);
    // Signed saturation would clip bit patterns of negative numbers: their 16 bits are moved as a signed value.
    const hn::RebindToSigned<decltype(bits)> words;
    const hn::Rebind<std::int16_t, D> narrow;
    const auto extended = hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(words, kept)));
    hn::StoreU(hn::BitCast(half, hn::DemoteTo(narrow, extended)), half, &to->bits);
}

HWY_INLINE float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }
HWY_INLINE Vec sigmoid(D d, Vec x) {
    const Vec one = hn::Set(d, 1.0f);
    return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(x))));
}

HWY_INLINE float silu(float x) { return x * sigmoid(x); }
HWY_INLINE Vec silu(D d, Vec x) { return hn::Mul(x, sigmoid(d, x)); }

/// out[c] = silu(x[c]) for c < n.
template <class In, class Out>
HWY_INLINE void siluRow(const In* x, std::size_t n, Out* out) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + N <= n; c += N) store(silu(d, load(d, x + c)), d, out + c);
    for (; c < n; ++c) assign(out[c], silu(toFloat(x[c])));
}

/// sum over c < n of x[c]^2.
template <class In>
HWY_INLINE float sumOfSquares(const In* x, std::size_t n) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec a = hn::Zero(d), b = a;
    std::size_t c = 0;
    for (; c + 2 * N <= n; c += 2 * N) {
        const Vec first = load(d, x + c), second = load(d, x + c + N);
        a = hn::MulAdd(first, first, a);
        b = hn::MulAdd(second, second, b);
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
    for (; c < n; ++c) sum += toFloat(x[c]) * toFloat(x[c]);
    return sum;
}

/// Rotary embedding of one half of a head, whose other half is `other`.
template <class In, class Out>
HWY_INLINE void turnHalf(const In* x, const In* other, const float* cosine, const float* sine, std::size_t half, Out* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + N <= half; i += N)
        store(hn::MulAdd(load(d, other + i), load(d, sine + i), hn::Mul(load(d, x + i), load(d, cosine + i))), d, y + i);
    for (; i < half; ++i) assign(y[i], toFloat(other[i]) * sine[i] + toFloat(x[i]) * cosine[i]);
}

/// Rotary embedding of a head of 2 * half elements.
template <class In, class Out>
HWY_INLINE void turnHead(const In* x, const float* cosine, const float* sine, std::size_t half, Out* y) {
    turnHalf(x, x + half, cosine, sine, half, y);
    turnHalf(x + half, x, cosine + half, sine + half, half, y + half);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#endif

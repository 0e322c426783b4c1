// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/log_sum_exp.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/log_sum_exp.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Vec = hn::Vec<D>;

HWY_INLINE Vec load(D d, const float* x) { return hn::LoadU(d, x); }
HWY_INLINE float scalar(const float* x) { return *x; }

/// A bfloat16 is the upper half of a float32.
HWY_INLINE Vec load(D d, const std::uint16_t* x) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(half, x))));
}
HWY_INLINE float scalar(const std::uint16_t* x) {
    const std::uint32_t bits = static_cast<std::uint32_t>(*x) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

template <class T>
HWY_INLINE float rowLogSumExp(const T* x, std::size_t n) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    float top = scalar(x);
    std::size_t j = 0;
    if (n >= 2 * N) {
        Vec a = load(d, x), b = load(d, x + N);
        for (j = 2 * N; j + 2 * N <= n; j += 2 * N) {
            a = hn::Max(a, load(d, x + j));
            b = hn::Max(b, load(d, x + j + N));
        }
        top = hn::GetLane(hn::MaxOfLanes(d, hn::Max(a, b)));
    }
    for (; j < n; ++j) top = std::max(top, scalar(x + j));

    const Vec high = hn::Set(d, top);
    Vec a = hn::Zero(d), b = a;
    for (j = 0; j + 2 * N <= n; j += 2 * N) {
        a = hn::Add(a, hn::Exp(d, hn::Sub(load(d, x + j), high)));
        b = hn::Add(b, hn::Exp(d, hn::Sub(load(d, x + j + N), high)));
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
    for (; j < n; ++j) sum += std::exp(scalar(x + j) - top);
    return top + std::log(sum);
}

void RowsFloat(const float* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) out[r] = rowLogSumExp(x + r * n, n);
}
void RowsBf16(const std::uint16_t* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) out[r] = rowLogSumExp(x + r * n, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
HWY_EXPORT(RowsFloat);
HWY_EXPORT(RowsBf16);

void logSumExp(const float* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(RowsFloat)(x, n, out, begin, end);
}
void logSumExpBf16(const std::uint16_t* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(RowsBf16)(x, n, out, begin, end);
}
}  // namespace airframe::kernels
#endif

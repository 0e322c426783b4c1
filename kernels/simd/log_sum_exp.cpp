// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/log_sum_exp.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/log_sum_exp.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class T>
HWY_INLINE float rowLogSumExp(const T* x, std::size_t n) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    float top = toFloat(x[0]);
    std::size_t j = 0;
    if (n >= 2 * N) {
        Vec a = load(d, x), b = load(d, x + N);
        for (j = 2 * N; j + 2 * N <= n; j += 2 * N) {
            a = hn::Max(a, load(d, x + j));
            b = hn::Max(b, load(d, x + j + N));
        }
        top = hn::GetLane(hn::MaxOfLanes(d, hn::Max(a, b)));
    }
    for (; j < n; ++j) top = std::max(top, toFloat(x[j]));

    const Vec high = hn::Set(d, top);
    Vec a = hn::Zero(d), b = a;
    for (j = 0; j + 2 * N <= n; j += 2 * N) {
        a = hn::Add(a, hn::Exp(d, hn::Sub(load(d, x + j), high)));
        b = hn::Add(b, hn::Exp(d, hn::Sub(load(d, x + j + N), high)));
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
    for (; j < n; ++j) sum += std::exp(toFloat(x[j]) - top);
    return top + std::log(sum);
}

void RowsFloat(const float* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) out[r] = rowLogSumExp(x + r * n, n);
}
void RowsBf16(const Bf16* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) out[r] = rowLogSumExp(x + r * n, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(RowsFloat);
HWY_EXPORT(RowsBf16);
}  // namespace simd

void logSumExp(const float* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(RowsFloat)(x, n, out, begin, end);
}
void logSumExp(const Bf16* x, std::size_t n, float* out, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(RowsBf16)(x, n, out, begin, end);
}
}  // namespace airframe::kernels
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/rms_norm.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/rms_norm.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class In, class Out>
HWY_INLINE void normRow(const In* x, const float* weight, std::size_t n, float eps, Out* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const float scale = 1.0f / std::sqrt(sumOfSquares(x, n) / static_cast<float>(n) + eps);
    const Vec wide = hn::Set(d, scale);
    std::size_t c = 0;
    for (; c + N <= n; c += N) store(hn::Mul(hn::Mul(load(d, x + c), wide), load(d, weight + c)), d, y + c);
    for (; c < n; ++c) assign(y[c], toFloat(x[c]) * scale * weight[c]);
}

void NormFloat(const float* x, const float* weight, std::size_t n, float eps, float* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) normRow(x + r * n, weight, n, eps, y + r * n);
}
void NormBf16(const Bf16* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) normRow(x + r * n, weight, n, eps, y + r * n);
}
void NormFloatToBf16(const float* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) normRow(x + r * n, weight, n, eps, y + r * n);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(NormFloat);
HWY_EXPORT(NormBf16);
HWY_EXPORT(NormFloatToBf16);
}  // namespace simd

void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, float* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(NormFloat)(x, weight, n, eps, y, begin, end);
}
void rmsNorm(const Bf16* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(NormBf16)(x, weight, n, eps, y, begin, end);
}
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(NormFloatToBf16)(x, weight, n, eps, y, begin, end);
}

}  // namespace airframe::kernels
#endif

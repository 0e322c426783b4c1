// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/swiglu.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/swiglu.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class In, class Out>
HWY_INLINE void swigluRow(const In* gate, const In* up, std::size_t n, Out* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + N <= n; c += N) store(hn::Mul(silu(d, load(d, gate + c)), load(d, up + c)), d, y + c);
    for (; c < n; ++c) assign(y[c], silu(toFloat(gate[c])) * toFloat(up[c]));
}

void SwigluFloat(const float* gate_up, std::size_t n, float* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) swigluRow(gate_up + 2 * r * n, gate_up + (2 * r + 1) * n, n, y + r * n);
}
void SwigluBf16(const Bf16* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) swigluRow(gate_up + 2 * r * n, gate_up + (2 * r + 1) * n, n, y + r * n);
}
void SwigluFloatToBf16(const float* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) swigluRow(gate_up + 2 * r * n, gate_up + (2 * r + 1) * n, n, y + r * n);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(SwigluFloat);
HWY_EXPORT(SwigluBf16);
HWY_EXPORT(SwigluFloatToBf16);
}  // namespace simd

void swiglu(const float* gate_up, std::size_t n, float* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(SwigluFloat)(gate_up, n, y, begin, end);
}
void swiglu(const Bf16* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(SwigluBf16)(gate_up, n, y, begin, end);
}
void swiglu(const float* gate_up, std::size_t n, Bf16* y, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(SwigluFloatToBf16)(gate_up, n, y, begin, end);
}

}  // namespace airframe::kernels
#endif

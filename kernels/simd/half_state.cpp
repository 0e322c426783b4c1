// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/half_state.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/half_state.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class From, class To>
HWY_INLINE void convert(const From* from, std::size_t n, To* to) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + N <= n; i += N) store(load(d, from + i), d, to + i);
    for (; i < n; ++i) assign(to[i], toFloat(from[i]));
}

void Widen(const Bf16* from, std::size_t n, float* to) { convert(from, n, to); }
void Narrow(const float* from, std::size_t n, Bf16* to) { convert(from, n, to); }

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(Widen);
HWY_EXPORT(Narrow);

void widen(const Bf16* from, std::size_t n, float* to) { HWY_DYNAMIC_DISPATCH(Widen)(from, n, to); }
void narrow(const float* from, std::size_t n, Bf16* to) { HWY_DYNAMIC_DISPATCH(Narrow)(from, n, to); }

}  // namespace airframe::kernels::simd
#endif

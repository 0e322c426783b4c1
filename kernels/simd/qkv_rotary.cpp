// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/qkv_rotary.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/qkv_rotary.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

void QkvRotary(const QkvRotaryShape& s, const QkvRotaryArrays& a, std::size_t begin, std::size_t end) {
    const std::size_t half = s.d / 2;
    for (std::size_t b = 0; b < s.batch; ++b)
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const float *cosine = a.cosine + t * s.d, *sine = a.sine + t * s.d;
            const std::size_t slot = s.ring ? (s.position + t) % s.slots : s.position + t;
            for (std::size_t part = begin; part < end; ++part) {
                const float* x = a.projected + (b * s.tokens + t) * s.row() + part * s.d;
                if (part < s.heads) {
                    turnHead(x, cosine, sine, half, a.q + ((b * s.tokens + t) * s.heads + part) * s.d);
                } else if (part < s.heads + s.groups) {
                    turnHead(x, cosine, sine, half, a.keys + ((b * s.groups + part - s.heads) * s.slots + slot) * s.d);
                } else {
                    Bf16* to = a.values + ((b * s.groups + part - s.heads - s.groups) * s.slots + slot) * s.d;
                    const D d;
                    const std::size_t N = hn::Lanes(d);
                    std::size_t i = 0;
                    for (; i + N <= s.d; i += N) store(load(d, x + i), d, to + i);
                    for (; i < s.d; ++i) to[i] = toBf16(x[i]);
                }
            }
        }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(QkvRotary);
}

void qkvRotary(const QkvRotaryShape& shape, const QkvRotaryArrays& arrays, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(QkvRotary)(shape, arrays, begin, end);
}

}  // namespace airframe::kernels
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/rotary.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/rotary.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class T>
HWY_INLINE void turnRows(const RotaryShape& s, const T* x, const float* cosine, const float* sine, T* y,
                         std::size_t begin, std::size_t end) {
    const std::size_t half = s.head_dim / 2;
    for (std::size_t r = begin; r < end; ++r) {
        const float* c = cosine + r % s.tokens * s.head_dim;
        const float* n = sine + r % s.tokens * s.head_dim;
        for (std::size_t h = 0; h < s.heads; ++h) {
            const T* from = x + r * s.stride + h * s.head_dim;
            T* to = y + (r * s.heads + h) * s.head_dim;
            turnHead(from, c, n, half, to);
        }
    }
}

void RotaryFloat(const RotaryShape& s, const float* x, const float* cosine, const float* sine, float* y,
                 std::size_t begin, std::size_t end) {
    turnRows(s, x, cosine, sine, y, begin, end);
}
void RotaryBf16(const RotaryShape& s, const Bf16* x, const float* cosine, const float* sine, Bf16* y, std::size_t begin,
                std::size_t end) {
    turnRows(s, x, cosine, sine, y, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(RotaryFloat);
HWY_EXPORT(RotaryBf16);
}  // namespace simd

void rotary(const RotaryShape& shape, const float* x, const float* cosine, const float* sine, float* y,
            std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(RotaryFloat)(shape, x, cosine, sine, y, begin, end);
}
void rotary(const RotaryShape& shape, const Bf16* x, const float* cosine, const float* sine, Bf16* y, std::size_t begin,
            std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(RotaryBf16)(shape, x, cosine, sine, y, begin, end);
}

}  // namespace airframe::kernels
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gated_norm.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/gated_norm.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

template <class In, class Out>
HWY_INLINE void gatedRows(const GatedNormShape& s, const float* o, const float* weight, const In* gate, Out* y,
                          std::size_t begin, std::size_t end) {
    const D d;
    const std::size_t N = hn::Lanes(d), V = s.v;
    for (std::size_t r = begin; r < end; ++r)
        for (std::size_t h = 0; h < s.heads; ++h) {
            const float* from = o + (r * s.heads + h) * V;
            const In* open = gate + r * s.stride + h * V;
            Out* to = y + (r * s.heads + h) * V;
            const float scale = 1.0f / std::sqrt(sumOfSquares(from, V) / static_cast<float>(V) + s.eps);
            const Vec wide = hn::Set(d, scale);
            std::size_t c = 0;
            for (; c + N <= V; c += N) {
                const Vec normed = hn::Mul(hn::Mul(load(d, from + c), wide), load(d, weight + c));
                store(hn::Mul(normed, silu(d, load(d, open + c))), d, to + c);
            }
            for (; c < V; ++c) assign(to[c], from[c] * scale * weight[c] * silu(toFloat(open[c])));
        }
}

void GatedFloat(const GatedNormShape& s, const float* o, const float* weight, const float* gate, float* y,
                std::size_t begin, std::size_t end) {
    gatedRows(s, o, weight, gate, y, begin, end);
}
void GatedBf16(const GatedNormShape& s, const float* o, const float* weight, const Bf16* gate, Bf16* y,
               std::size_t begin, std::size_t end) {
    gatedRows(s, o, weight, gate, y, begin, end);
}
void GatedFloatToBf16(const GatedNormShape& s, const float* o, const float* weight, const float* gate, Bf16* y,
                      std::size_t begin, std::size_t end) {
    gatedRows(s, o, weight, gate, y, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(GatedFloat);
HWY_EXPORT(GatedBf16);
HWY_EXPORT(GatedFloatToBf16);
}  // namespace simd

void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const float* gate, float* y,
               std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatedFloat)(shape, o, weight, gate, y, begin, end);
}
void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const Bf16* gate, Bf16* y,
               std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatedBf16)(shape, o, weight, gate, y, begin, end);
}
void gatedNorm(const GatedNormShape& shape, const float* o, const float* weight, const float* gate, Bf16* y,
               std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatedFloatToBf16)(shape, o, weight, gate, y, begin, end);
}

}  // namespace airframe::kernels
#endif

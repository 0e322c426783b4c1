// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/quantized_linear.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/f16.h"
#include "kernels/simd/elements-inl.h"
#include "kernels/simd/quantized_linear_simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

constexpr std::size_t width = PackedWeight::lanes;
using D16 = hn::CappedTag<float, 16>;
using Vec16 = hn::Vec<D16>;

/// One block of a unit as 32 columns of a float32 panel [K', width]: d n + m for each nibble n; with `high` n is the signed byte
/// of both planes. The second half's d and m lie `second` elements behind the first's.
HWY_INLINE void unpackBlock(const std::byte* plane, const std::byte* high, const float* d32, const float* m32, std::size_t second,
                            float base, float* out) {
    const D16 d;
    const hn::RebindToSigned<D16> integers;
    const auto mask = hn::Set(integers, 15);
    for (std::size_t z = 0; z < 4; ++z)
        for (std::size_t lane = 0; lane < width; lane += hn::Lanes(d)) {
            const std::size_t word = (z * width + lane) * 4;
            auto low_bits = hn::LoadU(integers, reinterpret_cast<const std::int32_t*>(plane + word));
            auto high_bits = high ? hn::LoadU(integers, reinterpret_cast<const std::int32_t*>(high + word)) : low_bits;
            const std::size_t at = z / 2 * second + lane;
            const Vec16 scale = hn::LoadU(d, d32 + at), minimum = hn::LoadU(d, m32 + at), offset = hn::Set(d, base);
            for (std::size_t n = 0; n < 8; ++n) {  // columns 0, 2, 4, 6, then 1, 3, 5, 7
                auto value = hn::And(low_bits, mask);
                if (high) value = hn::Or(value, hn::ShiftRight<24>(hn::ShiftLeft<28>(high_bits)));
                const std::size_t column = 8 * z + (n < 4 ? 2 * n : 2 * n - 7);
                hn::StoreU(hn::MulAdd(scale, hn::Add(hn::ConvertTo(d, value), offset), minimum), d, out + column * width + lane);
                low_bits = hn::ShiftRight<4>(low_bits);
                high_bits = hn::ShiftRight<4>(high_bits);
            }
        }
}

void unpackQuantised(const PackedWeight& w, std::size_t unit, float* panel) {
    constexpr std::size_t plane_bytes = weight_block * width / 2;
    const float base = w.type() == WeightType::q4_0 ? -8.0f : 0.0f;
    const std::size_t factors = scalesOf(w.type()) * width;
    float d[2 * width], m[2 * width] = {};
    for (std::size_t b = 0; b < w.blocks(); ++b) {
        const std::byte* plane = w.block(unit, b);
        const auto* half = reinterpret_cast<const std::uint16_t*>(plane + w.planes() * plane_bytes);
        for (std::size_t i = 0; i < factors; ++i) d[i] = toFloat(F16{half[i]});
        if (hasMinimum(w.type()))
            for (std::size_t i = 0; i < factors; ++i) m[i] = toFloat(F16{half[factors + i]});
        unpackBlock(plane, w.planes() == 2 ? plane + plane_bytes : nullptr, d, m, factors - width, base, panel + b * weight_block * width);
    }
}

template <class E>
void unpackPlain(const PackedWeight& w, std::size_t unit, float* panel) {
    const auto* from = reinterpret_cast<const E*>(w.block(unit, 0));
    for (std::size_t pair = 0; pair < w.blocks() * weight_block / 2; ++pair)
        for (std::size_t lane = 0; lane < width; ++lane)
            for (std::size_t c = 0; c < 2; ++c) panel[(2 * pair + c) * width + lane] = toFloat(*from++);
}

void unpackUnit(const PackedWeight& w, std::size_t unit, float* panel) {
    if (w.type() == WeightType::float32) unpackPlain<float>(w, unit, panel);
    else if (w.type() == WeightType::float16) unpackPlain<F16>(w, unit, panel);
    else if (w.type() == WeightType::bfloat16) unpackPlain<Bf16>(w, unit, panel);
    else unpackQuantised(w, unit, panel);
}

/// Four rows of x against one vector of output columns.
HWY_INLINE void fourRows(const float* x, std::size_t stride, const float* panel, std::size_t k, float* y, std::size_t y_stride) {
    const D16 d;
    Vec16 a = hn::Zero(d), b = a, c = a, e = a;
    for (std::size_t i = 0; i < k; ++i) {
        const Vec16 w = hn::LoadU(d, panel + i * width);
        a = hn::MulAdd(w, hn::Set(d, x[i]), a);
        b = hn::MulAdd(w, hn::Set(d, x[stride + i]), b);
        c = hn::MulAdd(w, hn::Set(d, x[2 * stride + i]), c);
        e = hn::MulAdd(w, hn::Set(d, x[3 * stride + i]), e);
    }
    hn::StoreU(a, d, y);
    hn::StoreU(b, d, y + y_stride);
    hn::StoreU(c, d, y + 2 * y_stride);
    hn::StoreU(e, d, y + 3 * y_stride);
}

/// One row: four chains over k, so that additions do not wait for each other.
HWY_INLINE void oneRow(const float* x, const float* panel, std::size_t k, float* y) {
    const D16 d;
    Vec16 a = hn::Zero(d), b = a, c = a, e = a;
    for (std::size_t i = 0; i < k; i += 4) {  // k is a multiple of 32
        a = hn::MulAdd(hn::LoadU(d, panel + i * width), hn::Set(d, x[i]), a);
        b = hn::MulAdd(hn::LoadU(d, panel + (i + 1) * width), hn::Set(d, x[i + 1]), b);
        c = hn::MulAdd(hn::LoadU(d, panel + (i + 2) * width), hn::Set(d, x[i + 2]), c);
        e = hn::MulAdd(hn::LoadU(d, panel + (i + 3) * width), hn::Set(d, x[i + 3]), e);
    }
    hn::StoreU(hn::Add(hn::Add(a, b), hn::Add(c, e)), d, y);
}

template <class T>
void linear(const PackedWeight& w, const LinearInputs<T>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    constexpr std::size_t group = 64;  // rows of x widened at a time
    const std::size_t N = hn::Lanes(D16()), K = w.blocks() * weight_block;
    const auto panel = hwy::AllocateAligned<float>(K * width);
    const auto x = hwy::AllocateAligned<float>(std::min(group, in.rows) * K);
    const auto y = hwy::AllocateAligned<float>(std::min(group, in.rows) * width);
    for (std::size_t first = 0; first < in.rows; first += group) {
        const std::size_t rows = std::min(group, in.rows - first);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < K; ++c)
                x[r * K + c] = c < w.columns() ? toFloat(in.x[(first + r) * in.x_stride + c]) : 0.0f;
        for (std::size_t unit = begin; unit < end; ++unit) {
            const std::size_t column = unit * width, n = std::min(width, w.rows() - column);
            unpackUnit(w, unit, panel.get());
            for (std::size_t v = 0; v < n; v += N) {
                std::size_t r = 0;
                for (; r + 4 <= rows; r += 4) fourRows(x.get() + r * K, K, panel.get() + v, K, y.get() + r * width + v, width);
                for (; r < rows; ++r) oneRow(x.get() + r * K, panel.get() + v, K, y.get() + r * width + v);
            }
            for (std::size_t r = 0; r < rows; ++r) {
                float* to = out.y + (first + r) * out.y_stride + column - out.first;
                for (std::size_t c = 0; c < n; ++c) to[c] = y[r * width + c] + (out.add ? to[c] : 0.0f);
            }
        }
    }
}

void LinearFloat(const PackedWeight& w, const LinearInputs<float>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    linear(w, in, out, begin, end);
}
void LinearBf16(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    linear(w, in, out, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(LinearFloat);
HWY_EXPORT(LinearBf16);

void linearFloat(const PackedWeight& w, const LinearInputs<float>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(LinearFloat)(w, in, out, begin, end);
}
void linearFloat(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(LinearBf16)(w, in, out, begin, end);
}

}  // namespace airframe::kernels::simd
#endif

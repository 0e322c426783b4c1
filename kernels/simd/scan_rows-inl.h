// SPDX-License-Identifier: GPL-3.0-or-later
// Rows and state blocks of the scans (linear_scan, delta_product): float32, aligned, padded with zeros to whole vectors.
// Included once per instruction set, so the guard follows Highway's convention instead of #pragma once.
#if defined(AIRFRAME_KERNELS_SIMD_SCAN_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef AIRFRAME_KERNELS_SIMD_SCAN_ROWS_INL_H_
#undef AIRFRAME_KERNELS_SIMD_SCAN_ROWS_INL_H_
#else
#define AIRFRAME_KERNELS_SIMD_SCAN_ROWS_INL_H_
#endif

#include <hwy/aligned_allocator.h>
#include <hwy/cache_control.h>

#include <cstring>

#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace scan {

using Buffer = hwy::AlignedFreeUniquePtr<float[]>;

HWY_INLINE std::size_t padded(std::size_t n) {
    const std::size_t N = hn::Lanes(D());
    return (n + N - 1) / N * N;
}

/// Asks for a row that will be read soon: rows of one head lie further apart than the processor guesses by itself.
template <class T>
HWY_INLINE void prefetchRow(const T* x, std::size_t n) {
    for (std::size_t c = 0; c < n; c += 64 / sizeof(T)) hwy::Prefetch(x + c);
}

/// y = scale x as float32, then zeros up to `width`, a multiple of the vector's length.
template <class T>
HWY_INLINE void packRow(const T* x, std::size_t n, std::size_t width, float scale, float* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec factor = hn::Set(d, scale);
    std::size_t c = 0;
    for (; c + N <= n; c += N) hn::Store(hn::Mul(factor, load(d, x + c)), d, y + c);
    for (; c < n; ++c) y[c] = scale * toFloat(x[c]);
    for (; c < width; ++c) y[c] = 0.0f;
}

/// y = x, or x + factor skip where skip is given.
template <class T>
HWY_INLINE void storeRow(const float* x, std::size_t n, const T* skip, float factor, T* y) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t c = 0;
    if (!skip) {
        for (; c + N <= n; c += N) store(hn::Load(d, x + c), d, y + c);
        for (; c < n; ++c) assign(y[c], x[c]);
        return;
    }
    const Vec f = hn::Set(d, factor);
    for (; c + N <= n; c += N) store(hn::MulAdd(f, load(d, skip + c), hn::Load(d, x + c)), d, y + c);
    for (; c < n; ++c) assign(y[c], x[c] + factor * toFloat(skip[c]));
}

/// Columns [column, column + n) of a state [K, V] into a dense block [K, width]; zeros without a state and beyond n.
HWY_INLINE void loadBlock(const float* state, std::size_t K, std::size_t V, std::size_t column, std::size_t n,
                          std::size_t width, float* block) {
    if (!state) {
        std::memset(block, 0, K * width * sizeof(float));
        return;
    }
    for (std::size_t i = 0; i < K; ++i) packRow(state + i * V + column, n, width, 1.0f, block + i * width);
}

HWY_INLINE void storeBlock(const float* block, std::size_t K, std::size_t V, std::size_t column, std::size_t n,
                           std::size_t width, float* state) {
    for (std::size_t i = 0; i < K; ++i)
        storeRow(block + i * width, n, static_cast<const float*>(nullptr), 0.0f, state + i * V + column);
}

/// The state after a sequence without tokens.
inline void keepState(const float* initial, std::size_t n, float* state) {
    if (!state || state == initial) return;
    if (initial) std::memcpy(state, initial, n * sizeof(float));
    else std::memset(state, 0, n * sizeof(float));
}

}  // namespace scan
}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix products of linear attention over one piece of tokens and one column block of the state. Included once per
// instruction set, so the guard follows Highway's convention instead of #pragma once.
//
// With P(j, i] the product of the decays of tokens j+1 to i, and S the state before the piece of C tokens:
//   o_i = P(-1, i] S^T q_i + sum_{j <= i} A_ij v_j,   A_ij = sum over channels of q_i P(j, i] k_j
//   S <- P(-1, C-1] S + sum_j (P(j, C-1] k_j) v_j^T
// (Yang et al., arXiv 2312.06635, section 4; Dao and Gu, arXiv 2405.21060, section 6.) Every P is built from decays by
// products or from log decays by sums, never as a quotient: it underflows to 0 and never overflows.
#if defined(AIRFRAME_KERNELS_SIMD_LINEAR_SCAN_CHUNK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef AIRFRAME_KERNELS_SIMD_LINEAR_SCAN_CHUNK_INL_H_
#undef AIRFRAME_KERNELS_SIMD_LINEAR_SCAN_CHUNK_INL_H_
#else
#define AIRFRAME_KERNELS_SIMD_LINEAR_SCAN_CHUNK_INL_H_
#endif

#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/simd/scan_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace scan {

constexpr std::size_t piece = 32;      // tokens C of one piece
constexpr std::size_t half = piece / 2;
// Rows of a register tile: with 2 vectors each they leave room for the operands in 32 or 16 registers.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr std::size_t tile = 4;
#else
constexpr std::size_t tile = 8;
#endif

HWY_INLINE std::size_t blockColumns() { return 2 * hn::Lanes(D()); }

/// What every column block of one head's piece needs. Rows have `width` floats, K padded to whole vectors.
struct Piece {
    std::size_t tokens = 0, K = 0, width = 0;
    const float* q = nullptr;      ///< [C, width] rows of the read-out of S; per key already decayed
    const float* k = nullptr;      ///< [C, width] P(j, C-1] k_j
    const float* from = nullptr;   ///< [C] the decay P(-1, i] that q does not hold yet
    const float* total = nullptr;  ///< [width] P(-1, C-1]
    const float* pairs = nullptr;  ///< [C, C] A, zero above the diagonal
};

/// o rows first..first+M-1 of one column block.
template <std::size_t M>
HWY_INLINE void readRows(const Piece& p, std::size_t first, const float* state, std::size_t channels, const float* v, float* o) {
    const D d;
    const std::size_t N = hn::Lanes(d), width = p.width;
    const float* q = p.q + first * width;
    Vec left[M], right[M];
    for (std::size_t m = 0; m < M; ++m) left[m] = right[m] = hn::Zero(d);
    for (std::size_t i = 0; i < channels; ++i) {
        const Vec s0 = hn::Load(d, state + i * 2 * N), s1 = hn::Load(d, state + i * 2 * N + N);
        for (std::size_t m = 0; m < M; ++m) {
            const Vec x = hn::Set(d, q[m * width + i]);
            left[m] = hn::MulAdd(x, s0, left[m]);
            right[m] = hn::MulAdd(x, s1, right[m]);
        }
    }
    for (std::size_t m = 0; m < M; ++m) {
        const Vec x = hn::Set(d, p.from[first + m]);
        left[m] = hn::Mul(x, left[m]);
        right[m] = hn::Mul(x, right[m]);
    }
    const float* pairs = p.pairs + first * piece;
    for (std::size_t j = 0; j < first + M; ++j) {
        const Vec v0 = hn::Load(d, v + j * 2 * N), v1 = hn::Load(d, v + j * 2 * N + N);
        for (std::size_t m = 0; m < M; ++m) {
            const Vec x = hn::Set(d, pairs[m * piece + j]);
            left[m] = hn::MulAdd(x, v0, left[m]);
            right[m] = hn::MulAdd(x, v1, right[m]);
        }
    }
    for (std::size_t m = 0; m < M; ++m) {
        hn::Store(left[m], d, o + (first + m) * 2 * N);
        hn::Store(right[m], d, o + (first + m) * 2 * N + N);
    }
}

/// State rows first..first+M-1 of one column block take in the whole piece.
template <std::size_t M>
HWY_INLINE void writeRows(const Piece& p, std::size_t first, const float* v, float* state) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec left[M], right[M];
    for (std::size_t m = 0; m < M; ++m) {
        const Vec x = hn::Set(d, p.total[first + m]);
        left[m] = hn::Mul(x, hn::Load(d, state + (first + m) * 2 * N));
        right[m] = hn::Mul(x, hn::Load(d, state + (first + m) * 2 * N + N));
    }
    for (std::size_t t = 0; t < p.tokens; ++t) {
        const Vec v0 = hn::Load(d, v + t * 2 * N), v1 = hn::Load(d, v + t * 2 * N + N);
        const float* k = p.k + t * p.width + first;
        for (std::size_t m = 0; m < M; ++m) {
            const Vec x = hn::Set(d, k[m]);
            left[m] = hn::MulAdd(x, v0, left[m]);
            right[m] = hn::MulAdd(x, v1, right[m]);
        }
    }
    for (std::size_t m = 0; m < M; ++m) {
        hn::Store(left[m], d, state + (first + m) * 2 * N);
        hn::Store(right[m], d, state + (first + m) * 2 * N + N);
    }
}

/// out[m, j] = q_m . k_j for M rows and one vector of tokens j, from k transposed [K, C].
template <std::size_t M>
HWY_INLINE void scoreRows(const float* q, std::size_t width, const float* k_transposed, std::size_t K, float* out) {
    const D d;
    Vec sum[M];
    for (std::size_t m = 0; m < M; ++m) sum[m] = hn::Zero(d);
    for (std::size_t i = 0; i < K; ++i) {
        const Vec k = hn::Load(d, k_transposed + i * piece);
        for (std::size_t m = 0; m < M; ++m) sum[m] = hn::MulAdd(hn::Set(d, q[m * width + i]), k, sum[m]);
    }
    for (std::size_t m = 0; m < M; ++m) hn::Store(sum[m], d, out + m * piece);
}

/// Calls f(rows, first) with tiles of `tile`, 4, 2 and 1 rows that cover 0..n-1; the number of rows is a type.
template <class F>
HWY_INLINE void inTiles(std::size_t n, const F& f) {
    std::size_t i = 0;
    for (; i + tile <= n; i += tile) f(std::integral_constant<std::size_t, tile>(), i);
    if (i + 4 <= n) f(std::integral_constant<std::size_t, 4>(), i), i += 4;
    if (i + 2 <= n) f(std::integral_constant<std::size_t, 2>(), i), i += 2;
    if (i < n) f(std::integral_constant<std::size_t, 1>(), i);
}

HWY_INLINE void readBlock(const Piece& p, const float* state, bool empty, const float* v, float* o) {
    inTiles(p.tokens, [&](auto rows, std::size_t first)
                          HWY_ATTR { readRows<rows()>(p, first, state, empty ? 0 : p.K, v, o); });
}
HWY_INLINE void writeBlock(const Piece& p, const float* v, float* state) {
    inTiles(p.K, [&](auto rows, std::size_t first) HWY_ATTR { writeRows<rows()>(p, first, v, state); });
}
/// out [C, C]: rows `begin` to `end` against columns 0 to `columns`, skipping vectors above the diagonal.
HWY_INLINE void scores(const float* q, std::size_t width, const float* k_transposed, std::size_t K, std::size_t begin,
                       std::size_t end, std::size_t columns, float* out) {
    const std::size_t N = hn::Lanes(D());
    inTiles(end - begin, [&](auto rows, std::size_t at) HWY_ATTR {
        const std::size_t first = begin + at;
        for (std::size_t j = 0; j < std::min(columns, first + rows()); j += N)
            scoreRows<rows()>(q + at * width, width, k_transposed + j, K, out + first * piece + j);
    });
}

/// to[i, t] = rows[t, i]: 4 x 4 values at a time; reads rows up to a multiple of 4, which must be there.
HWY_INLINE void transpose(const float* rows, std::size_t tokens, std::size_t width, float* to) {
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t t = 0; t < tokens; ++t)
        for (std::size_t i = 0; i < width; ++i) to[i * piece + t] = rows[t * width + i];
#else
    const hn::FixedTag<float, 4> four;
    const hn::FixedTag<double, 2> two;
    for (std::size_t t = 0; t < tokens; t += 4)
        for (std::size_t i = 0; i < width; i += 4) {
            const float* x = rows + t * width + i;
            const auto a = hn::Load(four, x), b = hn::Load(four, x + width), c = hn::Load(four, x + 2 * width),
                       e = hn::Load(four, x + 3 * width);
            const auto ab0 = hn::BitCast(two, hn::InterleaveLower(four, a, b)), ab1 = hn::BitCast(two, hn::InterleaveUpper(four, a, b));
            const auto ce0 = hn::BitCast(two, hn::InterleaveLower(four, c, e)), ce1 = hn::BitCast(two, hn::InterleaveUpper(four, c, e));
            float* y = to + i * piece + t;
            hn::Store(hn::BitCast(four, hn::InterleaveLower(two, ab0, ce0)), four, y);
            hn::Store(hn::BitCast(four, hn::InterleaveUpper(two, ab0, ce0)), four, y + piece);
            hn::Store(hn::BitCast(four, hn::InterleaveLower(two, ab1, ce1)), four, y + 2 * piece);
            hn::Store(hn::BitCast(four, hn::InterleaveUpper(two, ab1, ce1)), four, y + 3 * piece);
        }
#endif
}

/// One decay per token. `shared` [C, C] holds q . k; `pairs` gets A, `from` P(-1, i], `after` P(j, C-1].
HWY_INLINE void headDecays(const float* g, std::size_t n, const float* shared, float* pairs, float* from, float* after) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    HWY_ALIGN float logs[piece], start[piece];
    for (std::size_t j = 0; j < piece; ++j) logs[j] = -std::numeric_limits<float>::infinity();
    float sum = 0;
    for (std::size_t i = 0; i < piece; ++i) start[i] = sum += i < n ? g[i] : 0.0f;
    for (std::size_t i = 0; i < n; ++i) {
        const Vec gi = hn::Set(d, g[i]), row = hn::Set(d, static_cast<float>(i));
        for (std::size_t j = 0; j < piece; j += N) {
            const Vec column = hn::Iota(d, static_cast<float>(j));
            const Vec sums = hn::IfThenZeroElse(hn::Eq(column, row), hn::Add(gi, hn::Load(d, logs + j)));
            hn::Store(sums, d, logs + j);
            if (j > i) {
                hn::Store(hn::Zero(d), d, pairs + i * piece + j);
                continue;
            }
            const Vec decay = hn::Exp(d, sums);
            const Vec value = hn::Mul(decay, hn::Load(d, shared + i * piece + j));
            hn::Store(hn::IfThenElseZero(hn::Le(column, row), value), d, pairs + i * piece + j);
        }
    }
    for (std::size_t j = 0; j < piece; j += N) {
        hn::Store(hn::Exp(d, hn::Load(d, start + j)), d, from + j);
        hn::Store(hn::Exp(d, hn::Load(d, logs + j)), d, after + j);
    }
}

/// Scratch of keyDecays, [C, width] each unless said.
struct KeyRows {
    float *decay, *q, *k;      ///< exp(g), and q and k decayed from the start and to the end of the piece
    float *late_q, *early_k;   ///< [C/2, width]: q from, and k to, the border between the halves
    float *carried;            ///< [C/2, width]: keys carried along within a half
    float *transposed;         ///< [width, C]
};

/// A within one half, exactly: keys are carried from token to token, each token's decays multiplied in.
HWY_INLINE void halfPairs(const float* q, const float* k, const KeyRows& r, std::size_t width, std::size_t begin,
                          std::size_t end, float* pairs) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    for (std::size_t i = begin; i < end; ++i) {
        const float *a = r.decay + i * width, *x = q + i * width;
        std::memcpy(r.carried + (i - begin) * width, k + i * width, width * sizeof(float));
        for (std::size_t j = begin; j <= i; ++j) {
            float* w = r.carried + (j - begin) * width;
            Vec sum = hn::Zero(d);
            for (std::size_t c = 0; c < width; c += N) {
                Vec key = hn::Load(d, w + c);
                if (j < i) {
                    key = hn::Mul(key, hn::Load(d, a + c));
                    hn::Store(key, d, w + c);
                }
                sum = hn::MulAdd(key, hn::Load(d, x + c), sum);
            }
            pairs[i * piece + j] = hn::GetLane(hn::SumOfLanes(d, sum));
        }
        for (std::size_t j = i + 1; j < piece; ++j) pairs[i * piece + j] = 0.0f;
    }
}

/// One decay per token and key channel: g [n, width]. Fills r.q, r.k, `total` and `pairs`.
HWY_INLINE void keyDecays(const float* g, std::size_t n, std::size_t K, std::size_t width, const float* q, const float* k,
                          const KeyRows& r, float* total, float* pairs) {
    const D d;
    const std::size_t N = hn::Lanes(d), border = std::min(n, half);
    const Vec one = hn::Set(d, 1.0f);
    for (std::size_t c = 0; c < width; c += N) {
        Vec whole = one, late = one, sum = hn::Zero(d);
        for (std::size_t t = 0; t < n; ++t) {
            const std::size_t at = t * width + c;
            const Vec log = hn::Load(d, g + at), a = hn::Exp(d, log), x = hn::Load(d, q + at);
            sum = hn::Add(sum, log);
            whole = hn::Mul(whole, a);
            hn::Store(a, d, r.decay + at);
            hn::Store(hn::Mul(x, whole), d, r.q + at);
            if (t < half) continue;
            late = hn::Mul(late, a);
            hn::Store(hn::Mul(x, late), d, r.late_q + at - half * width);
        }
        hn::Store(hn::Exp(d, sum), d, total + c);
        whole = one;
        Vec early = one;
        for (std::size_t t = n; t-- > 0;) {
            const std::size_t at = t * width + c;
            const Vec a = hn::Load(d, r.decay + at), x = hn::Load(d, k + at);
            hn::Store(hn::Mul(x, whole), d, r.k + at);
            whole = hn::Mul(whole, a);
            if (t >= half) continue;
            hn::Store(hn::Mul(x, early), d, r.early_k + at);
            early = hn::Mul(early, a);
        }
    }
    halfPairs(q, k, r, width, 0, border, pairs);
    if (n <= half) return;
    halfPairs(q, k, r, width, half, n, pairs);
    transpose(r.early_k, half, width, r.transposed);
    scores(r.late_q, width, r.transposed, K, half, n, half, pairs);
}

}  // namespace scan
}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/simd/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#if defined(__x86_64__) && defined(__GNUC__)
// The compiler's own header makes undefined vectors that it then warns of.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

// Everything below this line is built for AVX512_BF16; headers stay above it, or their inline functions would be too.
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma,avx2")

namespace airframe::kernels::simd {
namespace {

constexpr std::size_t N = 16;
constexpr int part_vectors = 3, tile_keys = 8, tile_rows = 6;
constexpr std::size_t part = part_vectors * N;
constexpr std::size_t ahead = 4096;  // elements fetched early of a cache that lies row behind row: two pages
#define AIRFRAME_INLINE inline __attribute__((always_inline))

AIRFRAME_INLINE __m512 dot(__m512 sum, __m512i a, __m512i b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }
AIRFRAME_INLINE std::uint32_t pairAt(const void* at) {
    std::uint32_t pair;
    std::memcpy(&pair, at, sizeof pair);
    return pair;
}
AIRFRAME_INLINE __m512i broadcastPair(const void* at) { return _mm512_set1_epi32(static_cast<int>(pairAt(at))); }
AIRFRAME_INLINE __mmask32 firstOf32(std::size_t n) { return n >= 32 ? 0xFFFFFFFFu : (1u << n) - 1; }

/// 2^t for t <= 0, good to 8e-5, a hundredth of what a weight loses in bf16.
AIRFRAME_INLINE __m512 exp2(__m512 t) {
    t = _mm512_max_ps(t, _mm512_set1_ps(-200.0f));
    const __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), r = _mm512_sub_ps(t, n);
    __m512 e = _mm512_fmadd_ps(_mm512_set1_ps(0.05517167f), r, _mm512_set1_ps(0.24261113f));
    e = _mm512_fmadd_ps(e, r, _mm512_set1_ps(0.69326097f));
    e = _mm512_fmadd_ps(e, r, _mm512_set1_ps(0.99992806f));
    return _mm512_scalef_ps(e, n);
}

/// The four sums of the lanes of four vectors.
AIRFRAME_INLINE __m128 sumsOfFour(__m512 a, __m512 b, __m512 c, __m512 d) {
    const __m512d ab = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)));
    const __m512d cd = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d)));
    const __m512 x = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)), _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)));
    const __m256 y = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    return _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
}

/// Lanes of two rows as pairs: `low` the first 16 columns, `high` the others.
AIRFRAME_INLINE void interleave(__m512i a, __m512i b, __m512i& low, __m512i& high) {
    const __m512i first = _mm512_set_epi32(0x002F000F, 0x002E000E, 0x002D000D, 0x002C000C, 0x002B000B, 0x002A000A, 0x00290009,
                                           0x00280008, 0x00270007, 0x00260006, 0x00250005, 0x00240004, 0x00230003, 0x00220002,
                                           0x00210001, 0x00200000);
    low = _mm512_permutex2var_epi16(a, first, b);
    high = _mm512_permutex2var_epi16(a, _mm512_add_epi16(first, _mm512_set1_epi16(16)), b);
}

/// scores of R rows and all keys, four at a time; a row of q is `chunks` vectors of 32 elements.
template <int R>
AIRFRAME_INLINE void scoreSome(const Bf16* q, std::size_t q_stride, const Bf16* k, std::size_t k_row, std::size_t count,
                               std::size_t n, float* scores, std::size_t stride) {
    for (std::size_t j = 0; j < count; j += 4) {
        for (std::size_t i = 0; i < 4 * n; i += 32) _mm_prefetch(k + j * k_row + ahead + i, _MM_HINT_T0);
        const Bf16* rows[4];
        for (std::size_t i = 0; i < 4; ++i) rows[i] = k + (j + i < count ? j + i : count - 1) * k_row;
        __m512 s[R][4];
        for (int r = 0; r < R; ++r)
            for (int i = 0; i < 4; ++i) s[r][i] = _mm512_setzero_ps();
        for (std::size_t c = 0; c < n; c += 32) {
            const __mmask32 there = firstOf32(n - c);
            __m512i x[4];
            for (int i = 0; i < 4; ++i) x[i] = _mm512_maskz_loadu_epi16(there, rows[i] + c);
            for (int r = 0; r < R; ++r) {
                const __m512i query = _mm512_load_si512(q + static_cast<std::size_t>(r) * q_stride + c);
                for (int i = 0; i < 4; ++i) s[r][i] = dot(s[r][i], query, x[i]);
            }
        }
        for (int r = 0; r < R; ++r)
            _mm_storeu_ps(scores + static_cast<std::size_t>(r) * stride + j, sumsOfFour(s[r][0], s[r][1], s[r][2], s[r][3]));
    }
}

/// sums[row, 16 M columns] += p v for R rows; `there` are the columns of the last 32 that exist.
template <int R, int M>
AIRFRAME_INLINE void mixSome(const std::uint16_t* p, std::size_t stride, const Bf16* v, std::size_t v_row, std::size_t count,
                             __mmask32 there, float* sums, std::size_t width) {
    __m512 s[R][M];
    for (int r = 0; r < R; ++r)
        for (int m = 0; m < M; ++m) s[r][m] = _mm512_setzero_ps();
    const auto add = [&](std::size_t j, bool both) __attribute__((always_inline)) {
        __m512i x[M];
        for (int i = 0; i < M; ++i) _mm_prefetch(v + j * v_row + ahead + static_cast<std::size_t>(i) * 32, _MM_HINT_T0);
        for (int m = 0; m < M; m += 2) {
            const __mmask32 mask = m + 2 == M ? there : 0xFFFFFFFFu;
            const Bf16* row = v + j * v_row + static_cast<std::size_t>(m) * N;
            const __m512i a = _mm512_maskz_loadu_epi16(mask, row);
            const __m512i b = both ? _mm512_maskz_loadu_epi16(mask, row + v_row) : _mm512_setzero_si512();
            interleave(a, b, x[m], x[m + 1]);
        }
        for (int r = 0; r < R; ++r) {
            const std::uint16_t* at = p + static_cast<std::size_t>(r) * stride + j;
            const __m512i weight = both ? broadcastPair(at) : _mm512_set1_epi32(*at);
            for (int m = 0; m < M; ++m) s[r][m] = dot(s[r][m], weight, x[m]);
        }
    };
    std::size_t j = 0;
    for (; j + 2 <= count; j += 2) add(j, true);
    if (j < count) add(j, false);
    for (int r = 0; r < R; ++r)
        for (int m = 0; m < M; ++m) {
            float* to = sums + static_cast<std::size_t>(r) * width + static_cast<std::size_t>(m) * N;
            _mm512_store_ps(to, _mm512_add_ps(_mm512_load_ps(to), s[r][m]));
        }
}

template <int R>
AIRFRAME_INLINE void mixColumns(const std::uint16_t* p, std::size_t stride, const Bf16* v, std::size_t v_row,
                                std::size_t count, std::size_t n, float* sums, std::size_t width) {
    std::size_t c = 0;
    for (; c + 32 < n; c += 64)
        mixSome<R, 4>(p, stride, v + c, v_row, count, firstOf32(n - c - 32), sums + c, width);
    if (c < n) mixSome<R, 2>(p, stride, v + c, v_row, count, firstOf32(n - c), sums + c, width);
}

/// scores[key, row] for V vectors of rows and eight keys; q as pairs of elements [n/2, part].
template <int V>
AIRFRAME_INLINE void scoreBlock(const float* q, const Bf16* k, std::size_t k_row, std::size_t left, std::size_t n, float* scores) {
    const Bf16* rows[tile_keys];
    for (std::size_t i = 0; i < tile_keys; ++i) rows[i] = k + (i < left ? i : left - 1) * k_row;
    __m512 s[tile_keys][V];
    for (int i = 0; i < tile_keys; ++i)
        for (int v = 0; v < V; ++v) s[i][v] = _mm512_setzero_ps();
    for (std::size_t c = 0; c < n; c += 2) {
        __m512i query[V];
        for (int v = 0; v < V; ++v) query[v] = _mm512_load_si512(q + c / 2 * part + static_cast<std::size_t>(v) * N);
        for (int i = 0; i < tile_keys; ++i) {
            const __m512i key = broadcastPair(rows[i] + c);
            for (int v = 0; v < V; ++v) s[i][v] = dot(s[i][v], query[v], key);
        }
    }
    for (int i = 0; i < tile_keys; ++i)
        for (int v = 0; v < V; ++v)
            _mm512_store_ps(scores + static_cast<std::size_t>(i) * part + static_cast<std::size_t>(v) * N, s[i][v]);
}

template <int V>
AIRFRAME_INLINE void scoreVectors(const float* q, const Bf16* k, std::size_t k_row, std::size_t count, std::size_t n, float* s) {
    for (std::size_t j = 0; j < count; j += tile_keys) scoreBlock<V>(q, k + j * k_row, k_row, count - j, n, s + j * part);
}

/// sums[row, column] = factor[row] sums + sum over pairs of keys of p[pair, row] v[pair, column].
template <int M>
AIRFRAME_INLINE void mixBlock(const float* p, const float* v, std::size_t v_row, std::size_t pairs, const float* factor,
                              float* sums, std::size_t width) {
    __m512 s[tile_rows][M];
    for (int r = 0; r < tile_rows; ++r)
        for (int m = 0; m < M; ++m) s[r][m] = _mm512_setzero_ps();
    for (std::size_t j = 0; j < pairs; ++j) {
        __m512i x[M];
        for (int m = 0; m < M; ++m) x[m] = _mm512_load_si512(v + j * v_row + static_cast<std::size_t>(m) * N);
        for (int r = 0; r < tile_rows; ++r) {
            const __m512i weight = broadcastPair(p + j * part + static_cast<std::size_t>(r));
            for (int m = 0; m < M; ++m) s[r][m] = dot(s[r][m], weight, x[m]);
        }
    }
    for (int r = 0; r < tile_rows; ++r)
        for (int m = 0; m < M; ++m) {
            float* to = sums + static_cast<std::size_t>(r) * width + static_cast<std::size_t>(m) * N;
            _mm512_store_ps(to, _mm512_fmadd_ps(_mm512_load_ps(to), _mm512_set1_ps(factor[r]), s[r][m]));
        }
}

struct Ops {
    static void writeRow(const float* sum, float factor, std::size_t n, Bf16* to) {
        const __m512 f = _mm512_set1_ps(factor);
        for (std::size_t c = 0; c < n; c += N) {
            const __m256i half = (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(_mm512_load_ps(sum + c), f));
            _mm256_mask_storeu_epi16(to + c, n - c >= N ? 0xFFFF : static_cast<__mmask16>((1u << (n - c)) - 1), half);
        }
    }

    // Few rows: q stays bf16, two elements in the place of each float.

    static void loadRows(const AttentionUnit<Bf16, Bf16>& u, float* q, std::size_t width) {
        for (std::size_t r = 0; r < u.rows; ++r) {
            auto* to = reinterpret_cast<Bf16*>(q) + r * width;
            std::memcpy(to, u.query(r), u.d * sizeof(Bf16));
            std::fill_n(to + u.d, width - u.d, Bf16{});
        }
    }
    static void scoreRows(const float* q_rows, std::size_t width, std::size_t rows, const Bf16* k, std::size_t k_row,
                          std::size_t count, std::size_t n, float*, float* scores, std::size_t stride) {
        const auto* q = reinterpret_cast<const Bf16*>(q_rows);
        for (; rows >= 4; rows -= 4, q += 4 * width, scores += 4 * stride)
            scoreSome<4>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 3) scoreSome<3>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 2) scoreSome<2>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 1) scoreSome<1>(q, width, k, k_row, count, n, scores, stride);
    }

    /// Turns scores into bf16 weights in place; returns their sum.
    static float softmaxRow(float* scores, std::size_t count, float scale, float* top) {
        auto* weights = reinterpret_cast<std::uint16_t*>(scores);  // behind what is still read
        const std::size_t whole = (count + N - 1) / N * N;
        for (std::size_t j = count; j < whole; ++j) scores[j] = -std::numeric_limits<float>::infinity();
        __m512 largest = _mm512_set1_ps(attention_no_score);
        for (std::size_t j = 0; j < whole; j += N) largest = _mm512_max_ps(largest, _mm512_loadu_ps(scores + j));
        const float scaled = _mm512_reduce_max_ps(largest) * scale;
        *top = scaled > attention_no_score ? scaled : attention_no_score;
        const __m512 m = _mm512_set1_ps(*top), by = _mm512_set1_ps(scale);
        __m512 sum = _mm512_setzero_ps();
        for (std::size_t j = 0; j < whole; j += N) {
            const __m512 e = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(scores + j), by, m));
            sum = _mm512_add_ps(sum, e);
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights + j), (__m256i)_mm512_cvtneps_pbh(e));
        }
        return _mm512_reduce_add_ps(sum);
    }
    static void mixRows(const float* weights, std::size_t stride, std::size_t first, std::size_t rows, const Bf16* v,
                        std::size_t v_row, std::size_t count, std::size_t n, float*, float* sums, std::size_t width) {
        const auto* p = reinterpret_cast<const std::uint16_t*>(weights) + first;
        stride *= 2;
        for (; rows >= 4; rows -= 4, p += 4 * stride, sums += 4 * width) mixColumns<4>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 3) mixColumns<3>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 2) mixColumns<2>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 1) mixColumns<1>(p, stride, v, v_row, count, n, sums, width);
    }

    // Tiles: keys as they lie; values as pairs of keys.

    static std::size_t partRows() { return part; }
    static void loadColumns(const AttentionUnit<Bf16, Bf16>& u, std::size_t first, float* q) {
        for (std::size_t r = 0; r < part; ++r) {
            const Bf16* row = u.query(first + r < u.rows ? first + r : u.rows - 1);
            for (std::size_t c = 0; c < u.d; c += 2) std::memcpy(q + c / 2 * part + r, row + c, sizeof(float));
        }
    }
    static const Bf16* keyRows(const Bf16* rows, std::size_t, std::size_t, std::size_t, float*) { return rows; }
    static std::size_t keyStride(std::size_t stride, std::size_t, std::size_t) { return stride; }
    static const float* valueRows(const Bf16* rows, std::size_t stride, std::size_t count, std::size_t n, float* to,
                                  std::size_t width) {
        for (std::size_t j = 0; j < count; j += 2, to += width)
            for (std::size_t c = 0; c < n; c += 32) {
                const __mmask32 there = firstOf32(n - c);
                const Bf16* row = rows + j * stride + c;
                const __m512i a = _mm512_maskz_loadu_epi16(there, row);
                const __m512i b = j + 1 < count ? _mm512_maskz_loadu_epi16(there, row + stride) : _mm512_setzero_si512();
                __m512i low, high;
                interleave(a, b, low, high);
                _mm512_store_si512(to + c, low);
                _mm512_store_si512(to + c + N, high);
            }
        return to - (count + 1) / 2 * width;
    }
    static std::size_t valueStride(std::size_t, std::size_t, std::size_t width) { return width; }

    static void scoreTile(const float* q, std::size_t rows, const Bf16* k, std::size_t k_row, std::size_t count,
                          std::size_t n, float* scores) {
        if (rows <= N) return scoreVectors<1>(q, k, k_row, count, n, scores);
        if (rows <= 2 * N) return scoreVectors<2>(q, k, k_row, count, n, scores);
        scoreVectors<3>(q, k, k_row, count, n, scores);
    }

    /// As the Highway back end's, with weights as pairs of keys [pair, row] in bf16.
    static void softmaxTile(float* scores, std::size_t rows, std::size_t count, float scale, const std::int32_t* limits,
                            std::int32_t window, float* top, float* total, float* factor, float* weights) {
        const __m512 by = _mm512_set1_ps(scale), hidden = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
        const __m512i pairs = _mm512_set_epi32(0x001F000F, 0x001E000E, 0x001D000D, 0x001C000C, 0x001B000B, 0x001A000A,
                                               0x00190009, 0x00180008, 0x00170007, 0x00160006, 0x00150005, 0x00140004,
                                               0x00130003, 0x00120002, 0x00110001, 0x00100000);
        for (std::size_t r = 0; r < rows; r += N) {
            __m512 largest = _mm512_set1_ps(attention_no_score);
            if (limits) {
                const __m512i last = _mm512_loadu_si512(limits + r);
                const __m512i first = window ? _mm512_sub_epi32(last, _mm512_set1_epi32(window)) : _mm512_setzero_si512();
                for (std::size_t j = 0; j < count; ++j) {
                    const __m512i key = _mm512_set1_epi32(static_cast<int>(j));
                    const __mmask16 seen = _mm512_mask_cmpgt_epi32_mask(_mm512_cmpge_epi32_mask(key, first), last, key);
                    const __m512 x = _mm512_mask_mov_ps(hidden, seen, _mm512_load_ps(scores + j * part + r));
                    _mm512_store_ps(scores + j * part + r, x);
                    largest = _mm512_max_ps(largest, x);
                }
            } else
                for (std::size_t j = 0; j < count; ++j) largest = _mm512_max_ps(largest, _mm512_load_ps(scores + j * part + r));
            const __m512 before = _mm512_loadu_ps(top + r), now = _mm512_max_ps(before, _mm512_mul_ps(largest, by));
            const __m512 keep = exp2(_mm512_sub_ps(before, now));
            __m512 sum = _mm512_setzero_ps();
            for (std::size_t j = 0; j < count; j += 2) {
                const __m512 e = exp2(_mm512_fmsub_ps(_mm512_load_ps(scores + j * part + r), by, now));
                __m512 f = _mm512_setzero_ps();
                if (j + 1 < count) f = exp2(_mm512_fmsub_ps(_mm512_load_ps(scores + (j + 1) * part + r), by, now));
                sum = _mm512_add_ps(sum, _mm512_add_ps(e, f));
                _mm512_store_si512(weights + j / 2 * part + r,
                                   _mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(f, e)));
            }
            _mm512_storeu_ps(top + r, now);
            _mm512_storeu_ps(total + r, _mm512_fmadd_ps(_mm512_loadu_ps(total + r), keep, sum));
            _mm512_storeu_ps(factor + r, keep);
        }
    }

    static void mixTile(const float* weights, std::size_t rows, const float* v, std::size_t v_row, std::size_t count,
                        std::size_t n, const float* factor, float* sums, std::size_t width) {
        const std::size_t pairs = (count + 1) / 2, whole = (n + N - 1) / N * N;
        for (std::size_t r = 0; r < rows; r += tile_rows) {
            float* to = sums + r * width;
            std::size_t c = 0;
            for (; c + 4 * N <= whole; c += 4 * N) mixBlock<4>(weights + r, v + c, v_row, pairs, factor + r, to + c, width);
            for (; c + 2 * N <= whole; c += 2 * N) mixBlock<2>(weights + r, v + c, v_row, pairs, factor + r, to + c, width);
            if (c < whole) mixBlock<1>(weights + r, v + c, v_row, pairs, factor + r, to + c, width);
        }
    }
};

}  // namespace
}  // namespace airframe::kernels::simd
#pragma GCC pop_options

namespace airframe::kernels::simd {

void attentionUnitBf16(const AttentionUnit<Bf16, Bf16>& unit, bool few, float* scratch) {
    few ? attendFew<Ops>(unit, scratch) : attendTiles<Ops>(unit, scratch);
}

}  // namespace airframe::kernels::simd

#else

namespace airframe::kernels::simd {

void attentionUnitBf16(const AttentionUnit<Bf16, Bf16>& unit, bool few, float* scratch) { attentionUnit(unit, few, scratch); }

}  // namespace airframe::kernels::simd
#endif

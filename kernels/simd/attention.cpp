// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/attention.cpp"
// The bodies keep vectors in arrays, for which their size must be known.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/simd/attention.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SCALAR
constexpr int tile_keys = 4, tile_columns = 2;  // 16 vector registers
#else
constexpr int tile_keys = 8, tile_columns = 4;  // 32
#endif
constexpr int tile_vectors = 3;  // of query rows
constexpr int tile_rows = HWY_TARGET == HWY_SCALAR ? 3 : 6;  // of the sums; divides the rows of tile_vectors

HWY_INLINE std::size_t partWidth() { return tile_vectors * hn::Lanes(D()); }

/// 2^t, good to 1e-7 for t <= 0; exactly 0 from -126 downwards. Minimax polynomial on [-1/2, 1/2].
HWY_INLINE Vec exp2(D d, Vec t) {
    const Vec n = hn::Round(t), r = hn::Sub(t, n);
    Vec e = hn::MulAdd(hn::Set(d, 0.0013276472f), r, hn::Set(d, 0.009675541f));
    e = hn::MulAdd(e, r, hn::Set(d, 0.05550713f));
    e = hn::MulAdd(e, r, hn::Set(d, 0.2402212f));
    e = hn::MulAdd(e, r, hn::Set(d, 0.69314694f));
    e = hn::MulAdd(e, r, hn::Set(d, 1.0000001f));
    const hn::RebindToSigned<D> di;
    const Vec power = hn::BitCast(d, hn::Add(hn::BitCast(di, e), hn::ShiftLeft<23>(hn::ConvertTo(di, n))));
    return hn::IfThenElseZero(hn::Gt(t, hn::Set(d, -126.0f)), power);
}

template <class T>
HWY_INLINE void convertRow(const T* from, std::size_t n, float* to, std::size_t width) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + N <= n; c += N) hn::StoreU(load(d, from + c), d, to + c);
    for (; c < n; ++c) to[c] = toFloat(from[c]);
    for (; c < width; ++c) to[c] = 0.0f;
}

/// The four sums of the lanes of four vectors.
HWY_INLINE void sumsOfFour(D d, Vec a, Vec b, Vec c, Vec e, float* to) {
#if HWY_TARGET == HWY_SCALAR
    to[0] = hn::GetLane(a), to[1] = hn::GetLane(b), to[2] = hn::GetLane(c), to[3] = hn::GetLane(e);
#else
    const hn::Repartition<double, D> wide;
    const auto ab = hn::BitCast(wide, hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b)));
    const auto ce = hn::BitCast(wide, hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e)));
    const Vec blocks = hn::Add(hn::BitCast(d, hn::InterleaveLower(wide, ab, ce)),
                               hn::BitCast(d, hn::InterleaveUpper(wide, ab, ce)));
    HWY_ALIGN float parts[hn::MaxLanes(D())];
    hn::Store(blocks, d, parts);
    const hn::FixedTag<float, 4> four;
    auto sum = hn::Load(four, parts);
    for (std::size_t i = 4; i < hn::Lanes(d); i += 4) sum = hn::Add(sum, hn::Load(four, parts + i));
    hn::StoreU(sum, four, to);
#endif
}

template <int R, class T>
HWY_INLINE void scoreSome(const float* q, std::size_t q_stride, const T* k, std::size_t k_row, std::size_t count,
                          std::size_t size, float* scores, std::size_t stride) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    for (std::size_t j = 0; j < count; j += 4) {
        const T *k0 = k + j * k_row, *k1 = k + std::min(j + 1, count - 1) * k_row,
                *k2 = k + std::min(j + 2, count - 1) * k_row, *k3 = k + std::min(j + 3, count - 1) * k_row;
        Vec s[R][4];
        for (int r = 0; r < R; ++r)
            for (int i = 0; i < 4; ++i) s[r][i] = hn::Zero(d);
        for (std::size_t c = 0; c < size; c += N) {
            const Vec x0 = load(d, k0 + c), x1 = load(d, k1 + c), x2 = load(d, k2 + c), x3 = load(d, k3 + c);
            for (int r = 0; r < R; ++r) {
                const Vec query = hn::Load(d, q + static_cast<std::size_t>(r) * q_stride + c);
                s[r][0] = hn::MulAdd(query, x0, s[r][0]);
                s[r][1] = hn::MulAdd(query, x1, s[r][1]);
                s[r][2] = hn::MulAdd(query, x2, s[r][2]);
                s[r][3] = hn::MulAdd(query, x3, s[r][3]);
            }
        }
        for (int r = 0; r < R; ++r)
            sumsOfFour(d, s[r][0], s[r][1], s[r][2], s[r][3], scores + static_cast<std::size_t>(r) * stride + j);
    }
}

template <int R, class T>
HWY_INLINE void mixSome(const float* p, std::size_t stride, const T* v, std::size_t v_row, std::size_t count,
                        std::size_t size, float* sums, std::size_t width) {
    constexpr int columns = 4;
    const D d;
    const std::size_t N = hn::Lanes(d);
    for (std::size_t c = 0; c < size;) {
        const bool whole = c + columns * N <= size;
        Vec s[R][columns];
        for (int r = 0; r < R; ++r)
            for (int i = 0; i < (whole ? columns : 1); ++i) s[r][i] = hn::Zero(d);
        if (whole)
            for (std::size_t j = 0; j < count; ++j) {
                const T* row = v + j * v_row + c;
                const Vec x0 = load(d, row), x1 = load(d, row + N), x2 = load(d, row + 2 * N), x3 = load(d, row + 3 * N);
                for (int r = 0; r < R; ++r) {
                    const Vec weight = hn::Set(d, p[static_cast<std::size_t>(r) * stride + j]);
                    s[r][0] = hn::MulAdd(weight, x0, s[r][0]);
                    s[r][1] = hn::MulAdd(weight, x1, s[r][1]);
                    s[r][2] = hn::MulAdd(weight, x2, s[r][2]);
                    s[r][3] = hn::MulAdd(weight, x3, s[r][3]);
                }
            }
        else
            for (std::size_t j = 0; j < count; ++j) {
                const Vec x = load(d, v + j * v_row + c);
                for (int r = 0; r < R; ++r)
                    s[r][0] = hn::MulAdd(hn::Set(d, p[static_cast<std::size_t>(r) * stride + j]), x, s[r][0]);
            }
        for (int r = 0; r < R; ++r)
            for (int i = 0; i < (whole ? columns : 1); ++i) {
                float* to = sums + static_cast<std::size_t>(r) * width + c + static_cast<std::size_t>(i) * N;
                hn::Store(hn::Add(hn::Load(d, to), s[r][i]), d, to);
            }
        c += (whole ? columns : 1) * N;
    }
}

/// scores[key, row] = q . k for V vectors of rows and K keys.
template <int V, int K>
HWY_INLINE void scoreBlock(const float* q, std::size_t part, const float* k, std::size_t k_row, std::size_t left,
                           std::size_t size, float* scores) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const float* rows[K];
    for (int i = 0; i < K; ++i) rows[i] = k + std::min<std::size_t>(static_cast<std::size_t>(i), left - 1) * k_row;
    Vec s[K][V];
    for (int i = 0; i < K; ++i)
        for (int v = 0; v < V; ++v) s[i][v] = hn::Zero(d);
    for (std::size_t c = 0; c < size; ++c) {
        Vec query[V];
        for (int v = 0; v < V; ++v) query[v] = hn::Load(d, q + c * part + static_cast<std::size_t>(v) * N);
        for (int i = 0; i < K; ++i) {
            const Vec key = hn::Set(d, rows[i][c]);
            for (int v = 0; v < V; ++v) s[i][v] = hn::MulAdd(key, query[v], s[i][v]);
        }
    }
    for (int i = 0; i < K; ++i)
        for (int v = 0; v < V; ++v)
            hn::Store(s[i][v], d, scores + static_cast<std::size_t>(i) * part + static_cast<std::size_t>(v) * N);
}

/// sums[row, column] = factor[row] sums + sum over keys of p[key, row] v[key, column], for some rows and M vectors of columns.
template <int M>
HWY_INLINE void mixBlock(const float* p, std::size_t part, const float* v, std::size_t v_row, std::size_t count,
                         const float* factor, float* sums, std::size_t width) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec s[tile_rows][M];
    for (int r = 0; r < tile_rows; ++r)
        for (int m = 0; m < M; ++m) s[r][m] = hn::Zero(d);
    for (std::size_t j = 0; j < count; ++j) {
        Vec x[M];
        for (int m = 0; m < M; ++m) x[m] = hn::LoadU(d, v + j * v_row + static_cast<std::size_t>(m) * N);
        for (int r = 0; r < tile_rows; ++r) {
            const Vec weight = hn::Set(d, p[j * part + static_cast<std::size_t>(r)]);
            for (int m = 0; m < M; ++m) s[r][m] = hn::MulAdd(weight, x[m], s[r][m]);
        }
    }
    for (int r = 0; r < tile_rows; ++r)
        for (int m = 0; m < M; ++m) {
            float* to = sums + static_cast<std::size_t>(r) * width + static_cast<std::size_t>(m) * N;
            hn::Store(hn::MulAdd(hn::Load(d, to), hn::Set(d, factor[r]), s[r][m]), d, to);
        }
}

template <class C>
struct Ops {
    template <class Q>
    static void writeRow(const float* sum, float factor, std::size_t n, Q* to) {
        const D d;
        const std::size_t N = hn::Lanes(d);
        const Vec f = hn::Set(d, factor);
        std::size_t c = 0;
        for (; c + N <= n; c += N) store(hn::Mul(hn::Load(d, sum + c), f), d, to + c);
        for (; c < n; ++c) assign(to[c], sum[c] * factor);
    }

    // Few rows. Heads that are no whole number of vectors go through `converted`, padded with zeros.

    template <class Q>
    static void loadRows(const AttentionUnit<Q, C>& u, float* q, std::size_t width) {
        for (std::size_t r = 0; r < u.rows; ++r) convertRow(u.query(r), u.d, q + r * width, width);
    }
    static bool asItLies(std::size_t n) { return n % hn::Lanes(D()) == 0; }
    static void convert(const C* rows, std::size_t stride, std::size_t count, std::size_t n, float* to, std::size_t width) {
        for (std::size_t j = 0; j < count; ++j) convertRow(rows + j * stride, n, to + j * width, width);
    }

    template <class T>
    static void scoreAll(const float* q, std::size_t width, std::size_t rows, const T* k, std::size_t k_row,
                         std::size_t count, std::size_t n, float* scores, std::size_t stride) {
        for (; rows >= 4; rows -= 4, q += 4 * width, scores += 4 * stride)
            scoreSome<4>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 3) scoreSome<3>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 2) scoreSome<2>(q, width, k, k_row, count, n, scores, stride);
        if (rows == 1) scoreSome<1>(q, width, k, k_row, count, n, scores, stride);
    }
    static void scoreRows(const float* q, std::size_t width, std::size_t rows, const C* k, std::size_t k_row,
                          std::size_t count, std::size_t n, float* converted, float* scores, std::size_t stride) {
        if (asItLies(n)) return scoreAll(q, width, rows, k, k_row, count, n, scores, stride);
        convert(k, k_row, count, n, converted, width);
        scoreAll(q, width, rows, converted, width, count, n, scores, stride);
    }

    /// Turns scores into weights in place, up to a whole vector with zeros behind; returns their sum.
    static float softmaxRow(float* scores, std::size_t count, float scale, float* top) {
        const D d;
        const std::size_t N = hn::Lanes(d), whole = (count + N - 1) / N * N;
        for (std::size_t j = count; j < whole; ++j) scores[j] = -std::numeric_limits<float>::infinity();
        Vec largest = hn::Set(d, attention_no_score);
        for (std::size_t j = 0; j < whole; j += N) largest = hn::Max(largest, hn::LoadU(d, scores + j));
        *top = std::max(hn::GetLane(hn::MaxOfLanes(d, largest)) * scale, attention_no_score);
        const Vec m = hn::Set(d, *top), by = hn::Set(d, scale);
        Vec sum = hn::Zero(d);
        for (std::size_t j = 0; j < whole; j += N) {
            const Vec e = exp2(d, hn::MulSub(hn::LoadU(d, scores + j), by, m));
            sum = hn::Add(sum, e);
            hn::StoreU(e, d, scores + j);
        }
        return hn::GetLane(hn::SumOfLanes(d, sum));
    }

    template <class T>
    static void mixAll(const float* p, std::size_t stride, std::size_t rows, const T* v, std::size_t v_row,
                       std::size_t count, std::size_t n, float* sums, std::size_t width) {
        for (; rows >= 4; rows -= 4, p += 4 * stride, sums += 4 * width)
            mixSome<4>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 3) mixSome<3>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 2) mixSome<2>(p, stride, v, v_row, count, n, sums, width);
        if (rows == 1) mixSome<1>(p, stride, v, v_row, count, n, sums, width);
    }
    static void mixRows(const float* weights, std::size_t stride, std::size_t first, std::size_t rows, const C* v,
                        std::size_t v_row, std::size_t count, std::size_t n, float* converted, float* sums,
                        std::size_t width) {
        if (asItLies(n)) return mixAll(weights + first, stride, rows, v, v_row, count, n, sums, width);
        convert(v, v_row, count, n, converted, width);
        mixAll(weights + first, stride, rows, converted, width, count, n, sums, width);
    }

    // Tiles. Keys and values are converted to float32 once for all rows of the block, unless they can stay as they lie.

    static std::size_t partRows() { return partWidth(); }
    template <class Q>
    static void loadColumns(const AttentionUnit<Q, C>& u, std::size_t first, float* q) {
        const std::size_t part = partWidth();
        for (std::size_t r = 0; r < part; ++r) {
            const Q* row = u.query(std::min(first + r, u.rows - 1));
            for (std::size_t c = 0; c < u.d; ++c) q[c * part + r] = toFloat(row[c]);
        }
    }
    static const float* keyRows(const C* rows, std::size_t stride, std::size_t count, std::size_t n, float* to) {
        if constexpr (sizeof(C) == sizeof(float)) return rows;
        else {
            convert(rows, stride, count, n, to, paddedSize(n));
            return to;
        }
    }
    static std::size_t keyStride(std::size_t stride, std::size_t, std::size_t width) {
        return sizeof(C) == sizeof(float) ? stride : width;
    }
    static const float* valueRows(const C* rows, std::size_t stride, std::size_t count, std::size_t n, float* to,
                                  std::size_t width) {
        if constexpr (sizeof(C) == sizeof(float))
            if (asItLies(n)) return rows;
        convert(rows, stride, count, n, to, width);
        return to;
    }
    static std::size_t valueStride(std::size_t stride, std::size_t n, std::size_t width) {
        return sizeof(C) == sizeof(float) && asItLies(n) ? stride : width;
    }

    template <int V>
    static void scoreVectors(const float* q, const float* k, std::size_t k_row, std::size_t count, std::size_t n, float* s) {
        const std::size_t part = partWidth();
        for (std::size_t j = 0; j < count; j += tile_keys)
            scoreBlock<V, tile_keys>(q, part, k + j * k_row, k_row, count - j, n, s + j * part);
    }
    static void scoreTile(const float* q, std::size_t rows, const float* k, std::size_t k_row, std::size_t count,
                          std::size_t n, float* scores) {
        const std::size_t N = hn::Lanes(D());
        if (rows <= N) return scoreVectors<1>(q, k, k_row, count, n, scores);
        if (rows <= 2 * N) return scoreVectors<2>(q, k, k_row, count, n, scores);
        scoreVectors<3>(q, k, k_row, count, n, scores);
    }

    /// weights = 2^(scale scores - top) with `top` raised first; `factor` is what earlier sums must be multiplied by.
    /// Row r sees the keys j with limits[r] - window <= j < limits[r]; no limits: all.
    static void softmaxTile(float* scores, std::size_t rows, std::size_t count, float scale, const std::int32_t* limits,
                            std::int32_t window, float* top, float* total, float* factor, float* weights) {
        const D d;
        const hn::RebindToSigned<D> di;
        const std::size_t N = hn::Lanes(d), part = partWidth();
        const Vec by = hn::Set(d, scale);
        for (std::size_t r = 0; r < rows; r += N) {
            Vec largest = hn::Set(d, attention_no_score);
            if (limits) {
                const auto last = hn::LoadU(di, limits + r);
                const auto first = window ? hn::Sub(last, hn::Set(di, window)) : hn::Set(di, 0);
                for (std::size_t j = 0; j < count; ++j) {
                    const auto key = hn::Set(di, static_cast<std::int32_t>(j));
                    const auto hidden = hn::RebindMask(d, hn::Or(hn::Gt(first, key), hn::Not(hn::Gt(last, key))));
                    const Vec x = hn::IfThenElse(hidden, hn::Set(d, -std::numeric_limits<float>::infinity()),
                                                 hn::Load(d, scores + j * part + r));
                    hn::Store(x, d, scores + j * part + r);
                    largest = hn::Max(largest, x);
                }
            } else
                for (std::size_t j = 0; j < count; ++j) largest = hn::Max(largest, hn::Load(d, scores + j * part + r));
            const Vec before = hn::LoadU(d, top + r), now = hn::Max(before, hn::Mul(largest, by));
            const Vec keep = exp2(d, hn::Sub(before, now));
            Vec sum = hn::Zero(d);
            for (std::size_t j = 0; j < count; ++j) {
                const Vec e = exp2(d, hn::MulSub(hn::Load(d, scores + j * part + r), by, now));
                sum = hn::Add(sum, e);
                hn::Store(e, d, weights + j * part + r);
            }
            hn::StoreU(now, d, top + r);
            hn::StoreU(hn::MulAdd(hn::LoadU(d, total + r), keep, sum), d, total + r);
            hn::StoreU(keep, d, factor + r);
        }
    }

    static void mixTile(const float* weights, std::size_t rows, const float* v, std::size_t v_row, std::size_t count,
                        std::size_t n, const float* factor, float* sums, std::size_t width) {
        const std::size_t N = hn::Lanes(D()), part = partWidth();
        const std::size_t whole = (n + N - 1) / N * N;
        for (std::size_t r = 0; r < rows; r += tile_rows) {
            std::size_t c = 0;
            float* to = sums + r * width;
            for (; c + tile_columns * N <= whole; c += tile_columns * N)
                mixBlock<tile_columns>(weights + r, part, v + c, v_row, count, factor + r, to + c, width);
            for (; c < whole; c += N) mixBlock<1>(weights + r, part, v + c, v_row, count, factor + r, to + c, width);
        }
    }
};

void AttendFF(const AttentionUnit<float, float>& u, bool few, float* s) { few ? attendFew<Ops<float>>(u, s) : attendTiles<Ops<float>>(u, s); }
void AttendFB(const AttentionUnit<float, Bf16>& u, bool few, float* s) { few ? attendFew<Ops<Bf16>>(u, s) : attendTiles<Ops<Bf16>>(u, s); }
void AttendBF(const AttentionUnit<Bf16, float>& u, bool few, float* s) { few ? attendFew<Ops<float>>(u, s) : attendTiles<Ops<float>>(u, s); }
void AttendBB(const AttentionUnit<Bf16, Bf16>& u, bool few, float* s) { few ? attendFew<Ops<Bf16>>(u, s) : attendTiles<Ops<Bf16>>(u, s); }

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(AttendFF);
HWY_EXPORT(AttendFB);
HWY_EXPORT(AttendBF);
HWY_EXPORT(AttendBB);

template <>
void attentionUnit(const AttentionUnit<float, float>& unit, bool few, float* scratch) {
    HWY_DYNAMIC_DISPATCH(AttendFF)(unit, few, scratch);
}
template <>
void attentionUnit(const AttentionUnit<float, Bf16>& unit, bool few, float* scratch) {
    HWY_DYNAMIC_DISPATCH(AttendFB)(unit, few, scratch);
}
template <>
void attentionUnit(const AttentionUnit<Bf16, float>& unit, bool few, float* scratch) {
    HWY_DYNAMIC_DISPATCH(AttendBF)(unit, few, scratch);
}
template <>
void attentionUnit(const AttentionUnit<Bf16, Bf16>& unit, bool few, float* scratch) {
    HWY_DYNAMIC_DISPATCH(AttendBB)(unit, few, scratch);
}

}  // namespace airframe::kernels::simd
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// Two tokens of the gated delta rule at a time, over a tile of two vectors of the state's columns. Included once per
// instruction set.
//
// Let S be the state before tokens 0 and 1 with decays a0, a1, and R = S / c what a tile holds. Reads are of R:
//   p_t = R^T k_t,  u_t = R^T q_t
//   d_0 = beta_0 (v_0 - a0 c p_0)
//   d_1 = beta_1 (v_1 - a1 a0 c p_1 - a1 (k_0 . k_1) d_0)
//   o_0 = scale (a0 c u_0 + (k_0 . q_0) d_0)
//   o_1 = scale (a1 a0 c u_1 + a1 (k_0 . q_1) d_0 + (k_1 . q_1) d_1)
// and the state after both is a0 a1 c R + a1 k_0 d_0^T + k_1 d_1^T. With c' = a0 a1 c, either the tile becomes
//   R + k_0 d_0^T / (a0 c) + k_1 d_1^T / c'      and c becomes c'  (no multiplication by the decays), or
//   c' R + a1 k_0 d_0^T + k_1 d_1^T              and c becomes 1   (always right: no division; when c' is small or 0).
// That is three multiply-adds per state element and token and one load and store per two tokens: the multipliers are
// the bound. The coefficients of a `Step` are these products.
#if defined(AIRFRAME_KERNELS_SIMD_GATED_DELTA_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef AIRFRAME_KERNELS_SIMD_GATED_DELTA_TILE_INL_H_
#undef AIRFRAME_KERNELS_SIMD_GATED_DELTA_TILE_INL_H_
#else
#define AIRFRAME_KERNELS_SIMD_GATED_DELTA_TILE_INL_H_
#endif

#include <cstring>

#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

/// Rows [K] of q and k of two tokens. Loops keep a copy: a compiler must assume that a stored vector overwrites a Step.
struct Rows {
    const float *k0, *k1, *q0, *q1;
};

/// Two tokens; the second may be inert (its `beta`, `read`, `cross` and `write` zero, its rows those of the first).
struct Step {
    Rows rows;                       ///< divided by their lengths if asked for
    float beta0, beta1;
    float read0, read1;              ///< of p in d: beta a c
    float cross;                     ///< of d_0 in d_1
    float out0, out1;                ///< of u in o
    float own0, before1, own1;       ///< of d_0 in o_0, d_0 in o_1, d_1 in o_1
    float write0, write1;            ///< of d in the state
    float keep;                      ///< of R
    bool lazy;                       ///< keep is 1
    bool both;                       ///< the second token is none of padding
};

/// Where a tile's rows of v and o are: those of the step's first token, and how far the second's are.
template <class T>
struct Values {
    const T* v;
    T* o;
    std::size_t stride;
};

constexpr std::size_t tile_vectors = 2;
HWY_INLINE std::size_t tileWidth() { return tile_vectors * hn::Lanes(D()); }

/// The first `n` of two vectors, zeros behind them.
template <class T>
HWY_INLINE void loadTwo(D d, const T* from, std::size_t n, Vec& x, Vec& y) {
    const std::size_t N = hn::Lanes(d);
    if (HWY_LIKELY(n >= 2 * N)) {
        x = load(d, from);
        y = load(d, from + N);
        return;
    }
    HWY_ALIGN float some[tile_vectors * HWY_MAX_BYTES / sizeof(float)] = {};
    for (std::size_t j = 0; j < n; ++j) some[j] = toFloat(from[j]);
    x = hn::Load(d, some);
    y = hn::Load(d, some + N);
}

template <class T>
HWY_INLINE void storeTwo(D d, Vec x, Vec y, std::size_t n, T* to) {
    const std::size_t N = hn::Lanes(d);
    if (HWY_LIKELY(n >= 2 * N)) {
        store(x, d, to);
        store(y, d, to + N);
        return;
    }
    HWY_ALIGN float some[tile_vectors * HWY_MAX_BYTES / sizeof(float)];
    hn::Store(x, d, some);
    hn::Store(y, d, some + N);
    for (std::size_t j = 0; j < n; ++j) assign(to[j], some[j]);
}

/// What two tokens read of a tile, p and u above.
struct Reads {
    Vec p00, p01, p10, p11, u00, u01, u10, u11;
};

/// From the reads to outputs and to what is written: `writes` are four vectors, of d_0 and d_1 with their coefficients.
template <class T>
HWY_INLINE void finish(const Step& s, const Reads& r, const Values<T>& at, std::size_t n, float* writes) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec v00, v01, v10, v11;
    loadTwo(d, at.v, n, v00, v01);
    const std::size_t second = s.both ? at.stride : 0;
    loadTwo(d, at.v + second, n, v10, v11);
    const Vec beta0 = hn::Set(d, s.beta0), beta1 = hn::Set(d, s.beta1), read0 = hn::Set(d, s.read0), read1 = hn::Set(d, s.read1);
    const Vec cross = hn::Set(d, s.cross);
    const Vec d00 = hn::NegMulAdd(read0, r.p00, hn::Mul(beta0, v00)), d01 = hn::NegMulAdd(read0, r.p01, hn::Mul(beta0, v01));
    const Vec d10 = hn::NegMulAdd(cross, d00, hn::NegMulAdd(read1, r.p10, hn::Mul(beta1, v10)));
    const Vec d11 = hn::NegMulAdd(cross, d01, hn::NegMulAdd(read1, r.p11, hn::Mul(beta1, v11)));
    const Vec write0 = hn::Set(d, s.write0), write1 = hn::Set(d, s.write1);
    hn::Store(hn::Mul(write0, d00), d, writes);
    hn::Store(hn::Mul(write0, d01), d, writes + N);
    hn::Store(hn::Mul(write1, d10), d, writes + 2 * N);
    hn::Store(hn::Mul(write1, d11), d, writes + 3 * N);
    const Vec out0 = hn::Set(d, s.out0), own0 = hn::Set(d, s.own0);
    storeTwo(d, hn::MulAdd(own0, d00, hn::Mul(out0, r.u00)), hn::MulAdd(own0, d01, hn::Mul(out0, r.u01)), n, at.o);
    if (!s.both) return;
    const Vec out1 = hn::Set(d, s.out1), before1 = hn::Set(d, s.before1), own1 = hn::Set(d, s.own1);
    storeTwo(d, hn::MulAdd(own1, d10, hn::MulAdd(before1, d00, hn::Mul(out1, r.u10))),
             hn::MulAdd(own1, d11, hn::MulAdd(before1, d01, hn::Mul(out1, r.u11))), n, at.o + at.stride);
}

/// Adds one row of a tile to the reads.
HWY_INLINE void readRow(const Rows& s, std::size_t i, Vec x, Vec y, Reads& r) {
    const D d;
    const Vec k0 = hn::Set(d, s.k0[i]), k1 = hn::Set(d, s.k1[i]);
    r.p00 = hn::MulAdd(k0, x, r.p00);
    r.p01 = hn::MulAdd(k0, y, r.p01);
    r.p10 = hn::MulAdd(k1, x, r.p10);
    r.p11 = hn::MulAdd(k1, y, r.p11);
    const Vec q0 = hn::Set(d, s.q0[i]), q1 = hn::Set(d, s.q1[i]);
    r.u00 = hn::MulAdd(q0, x, r.u00);
    r.u01 = hn::MulAdd(q0, y, r.u01);
    r.u10 = hn::MulAdd(q1, x, r.u10);
    r.u11 = hn::MulAdd(q1, y, r.u11);
}

HWY_INLINE Reads noReads() {
    const Vec zero = hn::Zero(D());
    return {zero, zero, zero, zero, zero, zero, zero, zero};
}

/// Takes a tile of n columns out of a state [K, V] (nullptr = zeros), which is R with c = 1, and reads it.
template <class State, class T>
void openTile(const State* from, std::size_t v, std::size_t k, std::size_t n, const Step& next, const Values<T>& at,
              float* tile, float* writes) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Rows reading = next.rows;
    Reads r = noReads();
    if (!from) std::memset(tile, 0, k * tileWidth() * sizeof(float));
    else
        for (std::size_t i = 0; i < k; ++i) {
            Vec x, y;
            loadTwo(d, from + i * v, n, x, y);
            hn::Store(x, d, tile + 2 * i * N);
            hn::Store(y, d, tile + (2 * i + 1) * N);
            readRow(reading, i, x, y, r);
        }
    finish(next, r, at, n, writes);
}

/// Writes what the step `now` left to write and reads for `next`.
template <bool Lazy, class T>
void passTile(const Step& now, const Step& next, std::size_t k, std::size_t n, const Values<T>& at, float* HWY_RESTRICT tile,
              float* writes) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec w00 = hn::Load(d, writes), w01 = hn::Load(d, writes + N), w10 = hn::Load(d, writes + 2 * N),
              w11 = hn::Load(d, writes + 3 * N);
    const Vec keep = hn::Set(d, now.keep);
    const Rows writing = now.rows, reading = next.rows;
    Reads r = noReads();
    for (std::size_t i = 0; i < k; ++i) {
        float* row = tile + 2 * i * N;
        Vec x = hn::Load(d, row), y = hn::Load(d, row + N);
        if (!Lazy) x = hn::Mul(keep, x), y = hn::Mul(keep, y);
        const Vec k0 = hn::Set(d, writing.k0[i]), k1 = hn::Set(d, writing.k1[i]);
        x = hn::MulAdd(k1, w10, hn::MulAdd(k0, w00, x));
        y = hn::MulAdd(k1, w11, hn::MulAdd(k0, w01, y));
        hn::Store(x, d, row);
        hn::Store(y, d, row + N);
        readRow(reading, i, x, y, r);
    }
    finish(next, r, at, n, writes);
}

/// Writes what the last step left to write, into a state [K, V].
template <class State>
void closeTile(const Step& now, std::size_t k, std::size_t n, const float* tile, const float* writes, State* to, std::size_t v) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec w00 = hn::Load(d, writes), w01 = hn::Load(d, writes + N), w10 = hn::Load(d, writes + 2 * N),
              w11 = hn::Load(d, writes + 3 * N);
    const Vec keep = hn::Set(d, now.keep);
    const Rows writing = now.rows;
    for (std::size_t i = 0; i < k; ++i) {
        const Vec k0 = hn::Set(d, writing.k0[i]), k1 = hn::Set(d, writing.k1[i]);
        const Vec x = hn::Mul(keep, hn::Load(d, tile + 2 * i * N)), y = hn::Mul(keep, hn::Load(d, tile + (2 * i + 1) * N));
        storeTwo(d, hn::MulAdd(k1, w10, hn::MulAdd(k0, w00, x)), hn::MulAdd(k1, w11, hn::MulAdd(k0, w01, y)), n, to + i * v);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gated_delta_backward.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

constexpr float l2_eps = 1e-6f;
constexpr std::size_t group = 4;  // vectors of one column block: as many accumulators as hide the latency of an FMA

HWY_INLINE std::size_t blockWidth() { return group * hn::Lanes(D()); }

/// Sum of a[i] * b[i]; vectors first, then the rest (a plain loop would wait for every addition).
HWY_INLINE float dot(const float* a, const float* b, std::size_t n) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec x = hn::Zero(d), y = x;
    std::size_t i = 0;
    for (; i + 2 * N <= n; i += 2 * N) {
        x = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), x);
        y = hn::MulAdd(hn::LoadU(d, a + i + N), hn::LoadU(d, b + i + N), y);
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(x, y)));
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

HWY_INLINE float decay(const GatedDeltaInputs& in, std::size_t row) { return in.g ? std::exp(in.g[row]) : 1.0f; }

/// K^-0.5 unless another was given.
HWY_INLINE float scaleOf(const GatedDeltaShape& s, const GatedDeltaInputs& in) {
    return in.scale != 0 ? in.scale : 1.0f / std::sqrt(static_cast<float>(s.k));
}

/// q and k of one (batch, head) as dense rows [T, K], divided by their lengths if asked; q also times K^-0.5.
struct Rows {
    hwy::AlignedFreeUniquePtr<float[]> q, k, inverse_q, inverse_k;

    Rows(const GatedDeltaShape& s, const GatedDeltaInputs& in, std::size_t pair)
        : q(hwy::AllocateAligned<float>(s.tokens * s.k)), k(hwy::AllocateAligned<float>(s.tokens * s.k)),
          inverse_q(hwy::AllocateAligned<float>(s.tokens)), inverse_k(hwy::AllocateAligned<float>(s.tokens)) {
        const std::size_t b = pair / s.heads, h = pair % s.heads;
        const float scale = scaleOf(s, in);
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const std::size_t row = (b * s.tokens + t) * s.heads + h;
            inverse_q[t] = unit(in.q + row * s.k, s.k, in.l2norm, scale, q.get() + t * s.k);
            inverse_k[t] = unit(in.k + row * s.k, s.k, in.l2norm, 1.0f, k.get() + t * s.k);
        }
    }

  private:
    static float unit(const float* x, std::size_t n, bool normalise, float scale, float* y) {
        const float inverse = normalise ? 1.0f / std::sqrt(dot(x, x, n) + l2_eps) : 1.0f;
        for (std::size_t i = 0; i < n; ++i) y[i] = x[i] * inverse * scale;
        return inverse;
    }
};

/// Copies `n` floats and fills up to the block's width with zeros, so that odd sizes need no masks inside.
HWY_INLINE void loadPadded(const float* from, std::size_t n, float* to, std::size_t width) {
    std::memcpy(to, from, n * sizeof(float));
    if (n < width) std::memset(to + n, 0, (width - n) * sizeof(float));
}

HWY_INLINE void loadState(const float* from, std::size_t k, std::size_t v, std::size_t column, std::size_t n, float* to) {
    const std::size_t width = blockWidth();
    for (std::size_t i = 0; i < k; ++i) {
        if (from) loadPadded(from + i * v + column, n, to + i * width, width);
        else std::memset(to + i * width, 0, width * sizeof(float));
    }
}

HWY_INLINE void storeState(const float* from, std::size_t k, std::size_t v, std::size_t column, std::size_t n, float* to) {
    for (std::size_t i = 0; i < k; ++i) std::memcpy(to + i * v + column, from + i * blockWidth(), n * sizeof(float));
}

/// p = S^T k over one column block.
HWY_INLINE void readState(const float* state, const float* k, std::size_t n, float* p) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec p0 = hn::Zero(d), p1 = p0, p2 = p0, p3 = p0;
    for (std::size_t i = 0; i < n; ++i) {
        const float* row = state + i * group * N;
        const Vec ki = hn::Set(d, k[i]);
        p0 = hn::MulAdd(ki, hn::Load(d, row), p0);
        p1 = hn::MulAdd(ki, hn::Load(d, row + N), p1);
        p2 = hn::MulAdd(ki, hn::Load(d, row + 2 * N), p2);
        p3 = hn::MulAdd(ki, hn::Load(d, row + 3 * N), p3);
    }
    hn::Store(p0, d, p);
    hn::Store(p1, d, p + N);
    hn::Store(p2, d, p + 2 * N);
    hn::Store(p3, d, p + 3 * N);
}

/// S <- a S + k delta^T, o = S^T q and p = S^T k_next in one sweep: each state element is loaded and stored once.
HWY_INLINE void sweep(float* state, float a, const float* k, const float* q, const float* k_next, const float* delta,
                      std::size_t n, float* o, float* p) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec av = hn::Set(d, a);
    const Vec d0 = hn::Load(d, delta), d1 = hn::Load(d, delta + N), d2 = hn::Load(d, delta + 2 * N),
              d3 = hn::Load(d, delta + 3 * N);
    Vec o0 = hn::Zero(d), o1 = o0, o2 = o0, o3 = o0, p0 = o0, p1 = o0, p2 = o0, p3 = o0;
    for (std::size_t i = 0; i < n; ++i) {
        float* row = state + i * group * N;
        const Vec ki = hn::Set(d, k[i]), qi = hn::Set(d, q[i]), ni = hn::Set(d, k_next[i]);
        const Vec s0 = hn::MulAdd(ki, d0, hn::Mul(av, hn::Load(d, row)));
        const Vec s1 = hn::MulAdd(ki, d1, hn::Mul(av, hn::Load(d, row + N)));
        const Vec s2 = hn::MulAdd(ki, d2, hn::Mul(av, hn::Load(d, row + 2 * N)));
        const Vec s3 = hn::MulAdd(ki, d3, hn::Mul(av, hn::Load(d, row + 3 * N)));
        hn::Store(s0, d, row);
        hn::Store(s1, d, row + N);
        hn::Store(s2, d, row + 2 * N);
        hn::Store(s3, d, row + 3 * N);
        o0 = hn::MulAdd(qi, s0, o0);
        o1 = hn::MulAdd(qi, s1, o1);
        o2 = hn::MulAdd(qi, s2, o2);
        o3 = hn::MulAdd(qi, s3, o3);
        p0 = hn::MulAdd(ni, s0, p0);
        p1 = hn::MulAdd(ni, s1, p1);
        p2 = hn::MulAdd(ni, s2, p2);
        p3 = hn::MulAdd(ni, s3, p3);
    }
    hn::Store(o0, d, o);
    hn::Store(o1, d, o + N);
    hn::Store(o2, d, o + 2 * N);
    hn::Store(o3, d, o + 3 * N);
    hn::Store(p0, d, p);
    hn::Store(p1, d, p + N);
    hn::Store(p2, d, p + 2 * N);
    hn::Store(p3, d, p + 3 * N);
}

/// dS += q do^T, dd = dS^T k, dq[i] += S_t[i] . do over one column block.
HWY_INLINE void backReadOut(float* ds, const float* s_now, const float* q, const float* k, const float* d_o,
                            std::size_t n, float* dd, float* dq) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec g0 = hn::Load(d, d_o), g1 = hn::Load(d, d_o + N), g2 = hn::Load(d, d_o + 2 * N), g3 = hn::Load(d, d_o + 3 * N);
    Vec a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0;
    for (std::size_t i = 0; i < n; ++i) {
        float* row = ds + i * group * N;
        const float* now = s_now + i * group * N;
        const Vec qi = hn::Set(d, q[i]), ki = hn::Set(d, k[i]);
        const Vec r0 = hn::MulAdd(qi, g0, hn::Load(d, row)), r1 = hn::MulAdd(qi, g1, hn::Load(d, row + N));
        const Vec r2 = hn::MulAdd(qi, g2, hn::Load(d, row + 2 * N)), r3 = hn::MulAdd(qi, g3, hn::Load(d, row + 3 * N));
        hn::Store(r0, d, row);
        hn::Store(r1, d, row + N);
        hn::Store(r2, d, row + 2 * N);
        hn::Store(r3, d, row + 3 * N);
        a0 = hn::MulAdd(ki, r0, a0);
        a1 = hn::MulAdd(ki, r1, a1);
        a2 = hn::MulAdd(ki, r2, a2);
        a3 = hn::MulAdd(ki, r3, a3);
        Vec x = hn::Mul(g0, hn::Load(d, now)), y = hn::Mul(g1, hn::Load(d, now + N));
        x = hn::MulAdd(g2, hn::Load(d, now + 2 * N), x);
        y = hn::MulAdd(g3, hn::Load(d, now + 3 * N), y);
        dq[i] += hn::GetLane(hn::SumOfLanes(d, hn::Add(x, y)));
    }
    hn::Store(a0, d, dd);
    hn::Store(a1, d, dd + N);
    hn::Store(a2, d, dd + 2 * N);
    hn::Store(a3, d, dd + 3 * N);
}

/// dk[i] += dS[i] . delta + S_{t-1}[i] . dp; returns <dS, S_{t-1}>; dS <- a dS + k dp^T.
HWY_INLINE float backUpdate(float* ds, const float* s_before, float a, const float* k, const float* delta,
                            const float* dp, std::size_t n, float* dk) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Vec av = hn::Set(d, a);
    const Vec e0 = hn::Load(d, delta), e1 = hn::Load(d, delta + N), e2 = hn::Load(d, delta + 2 * N), e3 = hn::Load(d, delta + 3 * N);
    const Vec p0 = hn::Load(d, dp), p1 = hn::Load(d, dp + N), p2 = hn::Load(d, dp + 2 * N), p3 = hn::Load(d, dp + 3 * N);
    Vec f0 = hn::Zero(d), f1 = f0;
    for (std::size_t i = 0; i < n; ++i) {
        float* row = ds + i * group * N;
        const float* before = s_before + i * group * N;
        const Vec ki = hn::Set(d, k[i]);
        const Vec r0 = hn::Load(d, row), r1 = hn::Load(d, row + N), r2 = hn::Load(d, row + 2 * N), r3 = hn::Load(d, row + 3 * N);
        const Vec b0 = hn::Load(d, before), b1 = hn::Load(d, before + N), b2 = hn::Load(d, before + 2 * N), b3 = hn::Load(d, before + 3 * N);
        f0 = hn::MulAdd(r0, b0, f0);
        f1 = hn::MulAdd(r1, b1, f1);
        f0 = hn::MulAdd(r2, b2, f0);
        f1 = hn::MulAdd(r3, b3, f1);
        Vec x = hn::MulAdd(r0, e0, hn::Mul(b0, p0)), y = hn::MulAdd(r1, e1, hn::Mul(b1, p1));
        x = hn::MulAdd(r2, e2, hn::MulAdd(b2, p2, x));
        y = hn::MulAdd(r3, e3, hn::MulAdd(b3, p3, y));
        dk[i] += hn::GetLane(hn::SumOfLanes(d, hn::Add(x, y)));
        hn::Store(hn::MulAdd(ki, p0, hn::Mul(av, r0)), d, row);
        hn::Store(hn::MulAdd(ki, p1, hn::Mul(av, r1)), d, row + N);
        hn::Store(hn::MulAdd(ki, p2, hn::Mul(av, r2)), d, row + 2 * N);
        hn::Store(hn::MulAdd(ki, p3, hn::Mul(av, r3)), d, row + 3 * N);
    }
    return hn::GetLane(hn::SumOfLanes(d, hn::Add(f0, f1)));
}

/// dx of a row that was divided by its length: r (dy - y (y . dy)), with y and dy of the scaled row.
void rowBack(const float* y, const float* dy, std::size_t n, bool normalised, float inverse, float scale, float* dx) {
    const float along = normalised ? dot(y, dy, n) / scale : 0.0f;
    for (std::size_t i = 0; i < n; ++i) dx[i] = inverse * (scale * dy[i] - y[i] * along);
}

void DeltaBackward(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaGradients& grad, std::size_t begin,
              std::size_t end) {
    constexpr std::size_t C = gated_delta_saved_every;
    const std::size_t T = s.tokens, K = s.k, V = s.v, width = blockWidth(), block = K * width;
    const auto states = hwy::AllocateAligned<float>((C + 1) * block);  // S before each token of a piece, and after it
    const auto ds = hwy::AllocateAligned<float>(block);
    const auto lanes = hwy::AllocateAligned<float>((3 * C + 5) * width);
    float *errors = lanes.get(), *deltas = errors + C * width, *reads = deltas + C * width;
    float *v = reads + C * width, *o = v + width, *p = o + width, *dd = p + width, *dp = dd + width;
    const auto sums = hwy::AllocateAligned<float>(2 * T * K + 2 * T);
    float *dq = sums.get(), *dk = dq + T * K, *da = dk + T * K, *dbeta = da + T;
    const float scale = scaleOf(s, in);
    for (std::size_t pair = begin; pair < end; ++pair) {
        const std::size_t b = pair / s.heads, h = pair % s.heads;
        const Rows rows(s, in, pair);
        std::memset(sums.get(), 0, (2 * T * K + 2 * T) * sizeof(float));
        for (std::size_t column = 0; column < V; column += width) {
            const std::size_t n = std::min(width, V - column);
            loadState(grad.d_state ? grad.d_state + pair * K * V : nullptr, K, V, column, n, ds.get());
            for (std::size_t piece = savedStates(T); piece-- > 0;) {
                const std::size_t first = piece * C, last = std::min(T, first + C);
                loadState(grad.saved + (pair * savedStates(T) + piece) * K * V, K, V, column, n, states.get());
                readState(states.get(), rows.k.get() + first * K, K, p);
                for (std::size_t t = first; t < last; ++t) {  // forward again, keeping every state of the piece
                    const std::size_t row = (b * T + t) * s.heads + h, at = t - first;
                    const float a = decay(in, row), beta = in.beta[row];
                    loadPadded(in.v + row * V + column, n, v, width);
                    float *error = errors + at * width, *delta = deltas + at * width, *read = reads + at * width;
                    for (std::size_t j = 0; j < width; ++j) {
                        read[j] = p[j];
                        error[j] = v[j] - a * p[j];
                        delta[j] = beta * error[j];
                    }
                    float* after = states.get() + (at + 1) * block;
                    std::memcpy(after, states.get() + at * block, block * sizeof(float));
                    const std::size_t next = std::min(t + 1, T - 1);
                    sweep(after, a, rows.k.get() + t * K, rows.q.get() + t * K, rows.k.get() + next * K, delta, K, o, p);
                }
                for (std::size_t t = last; t-- > first;) {
                    const std::size_t row = (b * T + t) * s.heads + h, at = t - first;
                    const float a = decay(in, row), beta = in.beta[row];
                    loadPadded(grad.d_o + row * V + column, n, v, width);
                    const float *error = errors + at * width, *read = reads + at * width;
                    backReadOut(ds.get(), states.get() + (at + 1) * block, rows.q.get() + t * K, rows.k.get() + t * K, v,
                                K, dd, dq + t * K);
                    for (std::size_t j = 0; j < width; ++j) {
                        v[j] = beta * dd[j];
                        dp[j] = -a * v[j];
                    }
                    std::memcpy(grad.d_v + row * V + column, v, n * sizeof(float));
                    dbeta[t] += dot(dd, error, width);
                    da[t] += backUpdate(ds.get(), states.get() + at * block, a, rows.k.get() + t * K,
                                                deltas + at * width, dp, K, dk + t * K) -
                             dot(v, read, width);
                }
            }
            if (grad.d_initial) storeState(ds.get(), K, V, column, n, grad.d_initial + pair * K * V);
        }
        for (std::size_t t = 0; t < T; ++t) {
            const std::size_t row = (b * T + t) * s.heads + h;
            rowBack(rows.q.get() + t * K, dq + t * K, K, in.l2norm, rows.inverse_q[t], scale, grad.d_q + row * K);
            rowBack(rows.k.get() + t * K, dk + t * K, K, in.l2norm, rows.inverse_k[t], 1.0f, grad.d_k + row * K);
            if (grad.d_g) grad.d_g[row] = decay(in, row) * da[t];
            grad.d_beta[row] = dbeta[t];
        }
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(DeltaBackward);

void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaBackward)(shape, in, grad, begin, end);
}

}  // namespace airframe::kernels::simd
#endif

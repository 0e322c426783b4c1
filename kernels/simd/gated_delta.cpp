// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gated_delta.cpp"
// Vectors are kept in arrays and structs here, which a size only known at run time does not allow.
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/aligned_allocator.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/simd/gated_delta_tile-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

constexpr double l2_eps = 1e-6f;
constexpr std::size_t segment_tokens = 128;  ///< between two visits of the whole state, which stays in tiles meanwhile
constexpr double least_scale = 0x1p-32;      ///< of c: below, a tile could overflow

/// Memory that a thread keeps: grown when needed, so that no call but the first allocates.
class Scratch {
  public:
    float* get(std::size_t n) {
        if (n > m_size) {
            m_data = hwy::AllocateAligned<float>(n);
            m_size = n;
        }
        return m_data.get();
    }

  private:
    hwy::AlignedFreeUniquePtr<float[]> m_data;
    std::size_t m_size = 0;
};

struct Workspace {
    Scratch tiles, rows, state;
};

/// The tokens of one sequence as one head sees them; strides in elements.
template <class T>
struct Head {
    const T *q, *k, *v;
    const float *g, *beta;
    T* o;
    std::size_t key_stride, value_stride, gate_stride;
    bool l2norm;
    double scale;

    double decay(std::size_t t) const { return g ? std::exp(static_cast<double>(g[t * gate_stride])) : 1.0; }
};

struct Columns {
    std::size_t begin, end;
};

/// A row of q or k as float32 times `factor`, next to those of its neighbours: rows of one head lie far apart, often a
/// multiple of a page, where they would drive each other out of the cache. The factor's own rounding would be the same
/// error in every element, which a recurrence with equal keys adds up: it is kept in two parts.
template <class T>
HWY_INLINE const float* packRow(const T* row, std::size_t n, double factor, float* to) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const float high = static_cast<float>(factor), low = static_cast<float>(factor - high);
    const Vec vhigh = hn::Set(d, high), vlow = hn::Set(d, low);
    std::size_t i = 0;
    for (; i + N <= n; i += N) {
        const Vec x = load(d, row + i);
        hn::StoreU(hn::MulAdd(x, vhigh, hn::Mul(x, vlow)), d, to + i);
    }
    for (; i < n; ++i) to[i] = static_cast<float>(toFloat(row[i]) * factor);
    return to;
}

template <class T>
HWY_INLINE Vec loadUpTo(D d, const T* from, std::size_t n) {
    if (HWY_LIKELY(n >= hn::Lanes(d))) return load(d, from);
    HWY_ALIGN float some[HWY_MAX_BYTES / sizeof(float)] = {};
    for (std::size_t i = 0; i < n; ++i) some[i] = toFloat(from[i]);
    return hn::Load(d, some);
}

/// In double, for the same reason as above.
HWY_INLINE double sum(D d, Vec x) {
#if HWY_TARGET == HWY_SCALAR
    return hn::GetLane(x);
#else
    const hn::Half<D> half;
    const hn::Rebind<double, hn::Half<D>> wide;
    const auto low = hn::PromoteTo(wide, hn::LowerHalf(half, x)), high = hn::PromoteTo(wide, hn::UpperHalf(half, x));
    return hn::GetLane(hn::SumOfLanes(wide, hn::Add(low, high)));
#endif
}

/// What two tokens' rows give with each other; lengths are inverse, and 1 unless asked for.
struct Products {
    double k0k1, k0q0, k0q1, k1q1;
    double k0 = 1, k1 = 1, q0 = 1, q1 = 1;

    template <class T>
    Products(const T* key0, const T* key1, const T* query0, const T* query1, std::size_t n, bool l2norm) {
        const D d;
        Vec a = hn::Zero(d), b = a, c = a, e = a, aa = a, bb = a, cc = a, ee = a;
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            const Vec x0 = loadUpTo(d, key0 + i, n - i), x1 = loadUpTo(d, key1 + i, n - i);
            const Vec y0 = loadUpTo(d, query0 + i, n - i), y1 = loadUpTo(d, query1 + i, n - i);
            a = hn::MulAdd(x0, x1, a);
            b = hn::MulAdd(x0, y0, b);
            c = hn::MulAdd(x0, y1, c);
            e = hn::MulAdd(x1, y1, e);
            if (!l2norm) continue;
            aa = hn::MulAdd(x0, x0, aa);
            bb = hn::MulAdd(x1, x1, bb);
            cc = hn::MulAdd(y0, y0, cc);
            ee = hn::MulAdd(y1, y1, ee);
        }
        k0k1 = sum(d, a), k0q0 = sum(d, b), k0q1 = sum(d, c), k1q1 = sum(d, e);
        if (!l2norm) return;
        k0 = inverse(sum(d, aa)), k1 = inverse(sum(d, bb)), q0 = inverse(sum(d, cc)), q1 = inverse(sum(d, ee));
        k0k1 *= k0 * k1, k0q0 *= k0 * q0, k0q1 *= k0 * q1, k1q1 *= k1 * q1;
    }

  private:
    static double inverse(double squares) { return 1.0 / std::sqrt(squares + l2_eps); }
};

/// Asks for `n` elements, which other heads' lie around: no pattern that a processor would foresee.
template <class T>
HWY_INLINE void prefetch(const T* x, std::size_t n) {
    for (std::size_t i = 0; i < n; i += 64 / sizeof(T)) hwy::Prefetch(x + i);
}

using Steps = std::array<Step, segment_tokens / 2>;

/// Fills the steps of the tokens `first` to `last`; returns their number. The last one is not lazy, so that c ends as 1.
template <class T>
std::size_t prepare(const Head<T>& head, std::size_t k, std::size_t first, std::size_t last, float* rows, Steps& steps) {
    const std::size_t count = (last - first + 1) / 2;
    double c = 1;
    for (std::size_t at = 0; at < count; ++at) {
        Step& s = steps[at];
        const std::size_t t = first + 2 * at, next = std::min(t + 1, last - 1);
        s.both = next > t;
        for (std::size_t ahead = t + 4; ahead < std::min(t + 6, last); ++ahead) {
            prefetch(head.k + ahead * head.key_stride, k);
            prefetch(head.q + ahead * head.key_stride, k);
        }
        const T *key0 = head.k + t * head.key_stride, *key1 = head.k + next * head.key_stride;
        const T *query0 = head.q + t * head.key_stride, *query1 = head.q + next * head.key_stride;
        const Products x(key0, key1, query0, query1, k, head.l2norm);
        float* to = rows + 4 * at * k;
        s.rows.k0 = packRow(key0, k, x.k0, to);
        s.rows.q0 = packRow(query0, k, x.q0, to + k);
        s.rows.k1 = s.both ? packRow(key1, k, x.k1, to + 2 * k) : s.rows.k0;
        s.rows.q1 = s.both ? packRow(query1, k, x.q1, to + 3 * k) : s.rows.q0;
        const double a0 = head.decay(t), a1 = s.both ? head.decay(next) : 1, before = c * a0, after = before * a1;
        s.beta0 = head.beta[t * head.gate_stride];
        s.beta1 = s.both ? head.beta[next * head.gate_stride] : 0;
        s.read0 = static_cast<float>(s.beta0 * before);
        s.read1 = static_cast<float>(s.beta1 * after);
        s.cross = static_cast<float>(s.beta1 * a1 * x.k0k1);
        s.out0 = static_cast<float>(head.scale * before);
        s.out1 = static_cast<float>(head.scale * after);
        s.own0 = static_cast<float>(head.scale * x.k0q0);
        s.before1 = static_cast<float>(head.scale * a1 * x.k0q1);
        s.own1 = static_cast<float>(head.scale * x.k1q1);
        s.lazy = after >= least_scale && at + 1 < count;
        s.write0 = static_cast<float>(s.lazy ? 1 / before : a1);
        s.write1 = s.both ? static_cast<float>(s.lazy ? 1 / after : 1) : 0;
        s.keep = s.lazy ? 1.0f : static_cast<float>(after);
        c = s.lazy ? after : 1;
    }
    return count;
}

/// The steps of one segment over the given columns: from one state to the next (nullptr = zeros, and not wanted).
template <class T, class From, class To>
void runSegment(const Head<T>& head, const Steps& steps, std::size_t count, std::size_t first, std::size_t k, std::size_t v,
                Columns columns, Scratch& scratch, const From* from, To* to) {
    const std::size_t width = tileWidth();
    float *tile = scratch.get(k * width + 2 * width), *writes = tile + k * width;
    for (std::size_t column = columns.begin; column < columns.end; column += width) {
        const std::size_t n = std::min(width, columns.end - column);
        const auto valuesOf = [&](std::size_t step) {
            const std::size_t at = (first + 2 * step) * head.value_stride + column;
            return Values<T>{head.v + at, head.o + at, head.value_stride};
        };
        openTile(from ? from + column : nullptr, v, k, n, steps[0], valuesOf(0), tile, writes);
        for (std::size_t step = 1; step < count; ++step) {
            const Step &now = steps[step - 1], &next = steps[step];
            if (step + 1 < count) {
                const auto ahead = valuesOf(step + 1);
                const std::size_t second = steps[step + 1].both ? ahead.stride : 0;
                prefetch(ahead.v, n), prefetch(ahead.v + second, n);
                prefetch(ahead.o, n), prefetch(ahead.o + second, n);
            }
            if (now.lazy) passTile<true>(now, next, k, n, valuesOf(step), tile, writes);
            else passTile<false>(now, next, k, n, valuesOf(step), tile, writes);
        }
        if (to) closeTile(steps[count - 1], k, n, tile, writes, to + column, v);
    }
}

/// One token: both reads share one pass over the old state, which is then written in a second; nothing is copied.
template <std::size_t M, class T, class State>
HWY_INLINE void decodeColumns(const Step& s, std::size_t k, std::size_t v, const T* value, T* o, const State* from, State* to) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    const Rows rows = s.rows;
    Vec p[M], u[M];
    for (std::size_t m = 0; m < M; ++m) p[m] = u[m] = hn::Zero(d);
    if (from)
        for (std::size_t i = 0; i < k; ++i) {
            const Vec ki = hn::Set(d, rows.k0[i]), qi = hn::Set(d, rows.q0[i]);
            for (std::size_t m = 0; m < M; ++m) {
                const Vec x = load(d, from + i * v + m * N);
                p[m] = hn::MulAdd(ki, x, p[m]);
                u[m] = hn::MulAdd(qi, x, u[m]);
            }
        }
    const Vec beta = hn::Set(d, s.beta0), read = hn::Set(d, s.read0), own = hn::Set(d, s.own0), out = hn::Set(d, s.out0);
    const Vec write = hn::Set(d, s.write0), keep = hn::Set(d, s.keep);
    for (std::size_t m = 0; m < M; ++m) {
        const Vec delta = hn::NegMulAdd(read, p[m], hn::Mul(beta, load(d, value + m * N)));
        store(hn::MulAdd(own, delta, hn::Mul(out, u[m])), d, o + m * N);
        p[m] = hn::Mul(write, delta);
    }
    if (!to) return;
    for (std::size_t i = 0; i < k; ++i) {
        const Vec ki = hn::Set(d, rows.k0[i]);
        for (std::size_t m = 0; m < M; ++m) {
            const Vec x = from ? hn::Mul(keep, load(d, from + i * v + m * N)) : hn::Zero(d);
            store(hn::MulAdd(ki, p[m], x), d, to + i * v + m * N);
        }
    }
}

template <class T, class State>
void decode(const Head<T>& head, std::size_t k, std::size_t v, Columns columns, Workspace& work, const State* from, State* to) {
    Steps steps;
    const std::size_t N = hn::Lanes(D());
    prepare(head, k, 0, 1, work.rows.get(4 * k), steps);
    std::size_t c = columns.begin;
    const auto at = [&](auto* state) { return state ? state + c : nullptr; };
    for (; c + 8 * N <= columns.end; c += 8 * N)
        decodeColumns<8>(steps[0], k, v, head.v + c, head.o + c, at(from), at(to));
    for (; c + 4 * N <= columns.end; c += 4 * N)
        decodeColumns<4>(steps[0], k, v, head.v + c, head.o + c, at(from), at(to));
    for (; c + N <= columns.end; c += N) decodeColumns<1>(steps[0], k, v, head.v + c, head.o + c, at(from), at(to));
    if (c < columns.end) runSegment(head, steps, 1, 0, k, v, {c, columns.end}, work.tiles, from, to);
}

/// The columns of a state [K, V], or zeros.
template <class From, class To>
void copyState(const From* from, std::size_t k, std::size_t v, Columns columns, To* to) {
    for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = columns.begin; j < columns.end; ++j) assign(to[i * v + j], from ? toFloat(from[i * v + j]) : 0.0f);
}

/// All tokens of one sequence and head.
template <class T, class State>
void runSequence(const Head<T>& head, std::size_t tokens, std::size_t k, std::size_t v, Columns columns, const State* initial,
                 State* last_state, float* saved) {
    thread_local Workspace work;
    if (saved) copyState(initial, k, v, columns, saved);
    if (tokens == 0) {
        if (last_state && last_state != initial) copyState(initial, k, v, columns, last_state);
        return;
    }
    if (tokens == 1) return decode(head, k, v, columns, work, initial, last_state);
    const std::size_t length = saved ? gated_delta_saved_every : segment_tokens;
    float* between = saved;
    if constexpr (std::is_same_v<State, float>)
        if (!saved) between = last_state;
    if (!between) between = work.state.get(tokens > length ? k * v : 0);
    float* rows = work.rows.get(2 * length * k);
    Steps steps;
    const float* from = nullptr;
    for (std::size_t first = 0; first < tokens; first += length) {
        const std::size_t last = std::min(tokens, first + length), count = prepare(head, k, first, last, rows, steps);
        if (saved) between += k * v;
        const auto run = [&](const auto* before, auto* after) {
            runSegment(head, steps, count, first, k, v, columns, work.tiles, before, after);
        };
        if (first == 0 && last == tokens) run(initial, last_state);
        else if (first == 0) run(initial, between);
        else if (last == tokens) run(from, last_state);
        else run(from, between);
        from = between;
    }
}

template <class T, class State>
void forward(const GatedDeltaShape& s, const GatedDeltaInputsOf<T, State>& in, const GatedDeltaOutputsOf<T, State>& out,
             std::size_t begin, std::size_t end) {
    const std::size_t H = s.heads, HK = s.key_heads ? s.key_heads : H, K = s.k, V = s.v, blocks = gatedDeltaBlocks(V);
    while (begin < end) {
        const std::size_t pair = begin / blocks, block = begin % blocks, n = std::min(blocks - block, end - begin);
        const Columns columns{block * gated_delta_block, std::min(V, (block + n) * gated_delta_block)};
        const std::size_t b = pair / H, h = pair % H;
        const TokenRange range = tokensOf(s.sequences, s.tokens, b);
        const std::size_t first = range.begin, tokens = range.size();
        const std::size_t key = (first * HK + h / (H / HK)) * K, value = (first * H + h) * V, gate = first * H + h;
        const Head<T> head{in.q + key,           in.k + key,    in.v + value, in.g ? in.g + gate : nullptr,
                           in.beta + gate,       out.o + value, HK * K,       H * V,
                           H,                    in.l2norm,     in.scale != 0 ? in.scale : 1 / std::sqrt(static_cast<double>(K))};
        const std::size_t state = pair * K * V;
        runSequence(head, tokens, K, V, columns, in.initial ? in.initial + state : nullptr,
                    out.state ? out.state + state : nullptr, out.saved ? out.saved + savedStates(s.tokens) * state : nullptr);
        begin += n;
    }
}

void DeltaForward(const GatedDeltaShape& s, const GatedDeltaInputsOf<float>& in, const GatedDeltaOutputsOf<float>& out,
                  std::size_t begin, std::size_t end) {
    forward(s, in, out, begin, end);
}
void DeltaForwardHalfState(const GatedDeltaShape& s, const GatedDeltaInputsOf<float, Bf16>& in,
                           const GatedDeltaOutputsOf<float, Bf16>& out, std::size_t begin, std::size_t end) {
    forward(s, in, out, begin, end);
}
void DeltaForwardHalfRows(const GatedDeltaShape& s, const GatedDeltaInputsOf<Bf16>& in, const GatedDeltaOutputsOf<Bf16>& out,
                          std::size_t begin, std::size_t end) {
    forward(s, in, out, begin, end);
}
void DeltaForwardHalf(const GatedDeltaShape& s, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                      const GatedDeltaOutputsOf<Bf16, Bf16>& out, std::size_t begin, std::size_t end) {
    forward(s, in, out, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(DeltaForward);
HWY_EXPORT(DeltaForwardHalfState);
HWY_EXPORT(DeltaForwardHalfRows);
HWY_EXPORT(DeltaForwardHalf);

void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float>& in,
                       const GatedDeltaOutputsOf<float>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaForward)(shape, in, out, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float, Bf16>& in,
                       const GatedDeltaOutputsOf<float, Bf16>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaForwardHalfState)(shape, in, out, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaForwardHalfRows)(shape, in, out, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16, Bf16>& out, std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaForwardHalf)(shape, in, out, begin, end);
}

}  // namespace airframe::kernels::simd
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// The tiles keep arrays of vectors, which vectors of unknown length cannot form: Arm runs the NEON body.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/linear_scan.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "kernels/simd/linear_scan_chunk-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace scan {

constexpr std::size_t chunk_from = 12;             // tokens from which matrix products beat token by token
constexpr std::size_t group_bytes = 256u << 10;    // states of heads side by side, kept in the second-level cache
constexpr std::size_t steps = 4;                   // tokens of one sweep over the state, token by token

/// What belongs to one head: where its rows start in every array.
template <class T>
struct Head {
    const LinearScanShape& s;
    const LinearScanInputs<T>& in;
    const LinearScanOutputs<T>& out;
    std::size_t h, q_head, k_head, v_head, g_head;
    Head(const LinearScanShape& shape, const LinearScanInputs<T>& inputs, const LinearScanOutputs<T>& outputs, std::size_t head)
        : s(shape), in(inputs), out(outputs), h(head), q_head(head / (shape.heads / shape.q_heads)),
          k_head(head / (shape.heads / shape.k_heads)), v_head(head / (shape.heads / shape.v_heads)),
          g_head(head / (shape.heads / shape.g_heads)) {}
    bool shares(const Head& other) const { return q_head == other.q_head && k_head == other.k_head; }
    const T* q(std::size_t row) const { return in.q + row * s.q_stride + q_head * s.k; }
    const T* k(std::size_t row) const { return in.k + row * s.k_stride + k_head * s.k; }
    const T* v(std::size_t row) const { return in.v + row * s.v_stride + v_head * s.v; }
    const T* skip(std::size_t row) const {
        return in.skip ? in.skip_input + row * s.skip_stride + v_head * s.v : nullptr;
    }
    float factor() const { return in.skip ? in.skip[h] : 0.0f; }
    T* o(std::size_t row) const { return out.o + (row * s.heads + h) * s.v; }
    float logDecay(std::size_t row) const {
        if (s.decay == Decay::none) return 0.0f;
        return s.decay == Decay::constant ? in.g[h] : in.g[row * s.g_heads + g_head];
    }
    const float* keyLogs(std::size_t row) const { return in.g + (row * s.g_heads + g_head) * s.k; }
};

/// y[c] = exp(y[c]) over whole vectors.
HWY_INLINE void expRow(float* y, std::size_t width) {
    const D d;
    for (std::size_t c = 0; c < width; c += hn::Lanes(d)) hn::Store(hn::Exp(d, hn::Load(d, y + c)), d, y + c);
}

/// Rows first..first+R-1 of the state through M tokens, one after another: S <- a S + k v^T, o += S^T q. Each state
/// element is loaded and stored once. q, k and a are [M, width] per channel; v and o [M, columns].
template <std::size_t R, std::size_t M>
HWY_INLINE void stepRows(const float* from, float* to, std::size_t V, std::size_t first, const float* q, const float* k,
                         const float* a, std::size_t width, const float* v, float* o, std::size_t columns) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec qs[R][M], ks[R][M], as[R][M];
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t m = 0; m < M; ++m) {
            qs[r][m] = hn::Set(d, q[m * width + first + r]);
            ks[r][m] = hn::Set(d, k[m * width + first + r]);
            as[r][m] = hn::Set(d, a[m * width + first + r]);
        }
    const float* x = from + first * V;
    float* y = to + first * V;
    std::size_t c = 0;
    for (; c + N <= V; c += N) {
        Vec sum[M], value[M];
        for (std::size_t m = 0; m < M; ++m) {
            sum[m] = hn::Load(d, o + m * columns + c);
            value[m] = hn::Load(d, v + m * columns + c);
        }
        for (std::size_t r = 0; r < R; ++r) {
            Vec state = hn::LoadU(d, x + r * V + c);
            for (std::size_t m = 0; m < M; ++m) {
                state = hn::MulAdd(ks[r][m], value[m], hn::Mul(as[r][m], state));
                sum[m] = hn::MulAdd(qs[r][m], state, sum[m]);
            }
            hn::StoreU(state, d, y + r * V + c);
        }
        for (std::size_t m = 0; m < M; ++m) hn::Store(sum[m], d, o + m * columns + c);
    }
    for (; c < V; ++c)
        for (std::size_t r = 0; r < R; ++r) {
            float state = x[r * V + c];
            for (std::size_t m = 0; m < M; ++m) {
                const std::size_t at = m * width + first + r;
                state = a[at] * state + k[at] * v[m * columns + c];
                o[m * columns + c] += q[at] * state;
            }
            y[r * V + c] = state;
        }
}

/// All scratch of one call, allocated once; what a call without pieces does not touch has no size.
struct Scratch {
    std::size_t width, blocks, columns, state;
    Buffer memory;
    float *q, *k, *g, *v, *o, *states, *decayed_k, *shared, *pairs, *from, *after, *total, *transposed;
    KeyRows keys{};

    Scratch(const LinearScanShape& s, std::size_t group, bool pieces, bool keep_state)
        : width(padded(s.k)), blocks((s.v + blockColumns() - 1) / blockColumns()),
          columns(blocks * blockColumns()), state(blocks * s.k * blockColumns()) {
        const bool per_key = pieces && s.decay == Decay::key;
        const std::size_t tokens = pieces ? piece : steps, rows = tokens * width, square = pieces ? piece * piece : 0;
        const std::size_t states_size = pieces ? group * state : keep_state ? 0 : padded(s.k * s.v);
        const std::size_t late = per_key ? half * width : 0;
        const std::pair<float**, std::size_t> parts[] = {
            {&q, rows}, {&k, rows}, {&g, rows}, {&v, tokens * columns}, {&o, tokens * columns}, {&states, states_size},
            {&decayed_k, pieces ? rows : 0}, {&shared, square}, {&pairs, square}, {&from, piece}, {&after, piece},
            {&total, width}, {&transposed, pieces ? width * piece : 0}, {&keys.decay, per_key ? rows : 0},
            {&keys.q, per_key ? rows : 0}, {&keys.late_q, late}, {&keys.early_k, late}, {&keys.carried, late}};
        std::size_t size = 0;
        for (const auto& part : parts) size += part.second;
        memory = hwy::AllocateAligned<float>(size);
        float* at = memory.get();
        for (const auto& [part, n] : parts) *part = at, at += n;
        keys.k = decayed_k;
        keys.transposed = transposed;
    }
};

template <std::size_t M, class T>
HWY_INLINE void stepTokens(const Head<T>& head, std::size_t row, const float* from, float* to, const Scratch& x) {
    constexpr std::size_t R = M == 1 ? 4 : 2;
    const auto& s = head.s;
    for (std::size_t m = 0; m < M; ++m) {
        float* a = x.g + m * x.width;
        packRow(head.q(row + m), s.k, x.width, s.scale, x.q + m * x.width);
        packRow(head.k(row + m), s.k, x.width, 1.0f, x.k + m * x.width);
        packRow(head.v(row + m), s.v, x.columns, 1.0f, x.v + m * x.columns);
        std::memset(x.o + m * x.columns, 0, x.columns * sizeof(float));
        if (s.decay == Decay::key) {
            packRow(head.keyLogs(row + m), s.k, x.width, 1.0f, a);
            expRow(a, x.width);
        } else {
            std::fill(a, a + x.width, std::exp(head.logDecay(row + m)));
        }
    }
    std::size_t i = 0;
    for (; i + R <= s.k; i += R) stepRows<R, M>(from, to, s.v, i, x.q, x.k, x.g, x.width, x.v, x.o, x.columns);
    for (; i < s.k; ++i) stepRows<1, M>(from, to, s.v, i, x.q, x.k, x.g, x.width, x.v, x.o, x.columns);
    for (std::size_t m = 0; m < M; ++m)
        storeRow(x.o + m * x.columns, s.v, head.skip(row + m), head.factor(), head.o(row + m));
}

/// One head's tokens one after another, `steps` of them in each sweep over the state, which stays where it is.
template <class T>
HWY_INLINE void byToken(const Head<T>& head, TokenRange range, const float* from, float* to, const Scratch& x) {
    if (!to) to = x.states;
    if (!from) std::memset(to, 0, head.s.k * head.s.v * sizeof(float)), from = to;
    std::size_t row = range.begin;
    for (; row + steps <= range.end; row += steps, from = to) stepTokens<steps>(head, row, from, to, x);
    if (row + 2 <= range.end) stepTokens<2>(head, row, from, to, x), from = to, row += 2;
    if (row < range.end) stepTokens<1>(head, row, from, to, x);
}

/// A row of v into the blocks' order [blocks, C, columns], and a row of o back: whole rows at a time, because the caller's
/// rows lie far apart and a cache line read twice may have been lost in between.
template <class T>
HWY_INLINE void packBlocks(const T* v, std::size_t V, std::size_t columns, float* to) {
    for (std::size_t c = 0; c < V; c += columns, to += piece * columns)
        packRow(v + c, std::min(columns, V - c), columns, 1.0f, to);
}
template <class T>
HWY_INLINE void storeBlocks(const float* from, std::size_t V, std::size_t columns, const T* skip, float factor, T* o) {
    for (std::size_t c = 0; c < V; c += columns, from += piece * columns)
        storeRow(from, std::min(columns, V - c), skip ? skip + c : nullptr, factor, o + c);
}

/// The decays of one head's piece, from q, k and their products in the scratch.
template <class T>
HWY_INLINE Piece headPiece(const Head<T>& head, std::size_t row, std::size_t n, const Scratch& x) {
    const auto& s = head.s;
    const std::size_t width = x.width;
    const D d;
    if (s.decay == Decay::key) {
        for (std::size_t t = 0; t < n; ++t) packRow(head.keyLogs(row + t), s.k, width, 1.0f, x.g + t * width);
        keyDecays(x.g, n, s.k, width, x.q, x.k, x.keys, x.total, x.pairs);
        std::fill(x.from, x.from + piece, 1.0f);
        return {n, s.k, width, x.keys.q, x.decayed_k, x.from, x.total, x.pairs};
    }
    for (std::size_t t = 0; t < n; ++t) x.g[t] = head.logDecay(row + t);
    headDecays(x.g, n, x.shared, x.pairs, x.from, x.after);
    for (std::size_t t = 0; t < n; ++t) {
        const Vec after = hn::Set(d, x.after[t]);
        for (std::size_t c = 0; c < width; c += hn::Lanes(d))
            hn::Store(hn::Mul(after, hn::Load(d, x.k + t * width + c)), d, x.decayed_k + t * width + c);
    }
    std::fill(x.total, x.total + width, x.from[n - 1]);
    return {n, s.k, width, x.q, x.decayed_k, x.from, x.total, x.pairs};
}

/// q and k of a piece, and their products where all channels decay alike: what heads that share q and k have in common.
template <class T>
HWY_INLINE void packShared(const Head<T>& head, std::size_t row, std::size_t n, const Scratch& x) {
    const auto& s = head.s;
    for (std::size_t t = 0; t < n; ++t) {
        packRow(head.q(row + t), s.k, x.width, s.scale, x.q + t * x.width);
        packRow(head.k(row + t), s.k, x.width, 1.0f, x.k + t * x.width);
    }
    if (s.decay == Decay::key) return;
    transpose(x.k, n, x.width, x.transposed);
    scores(x.q, x.width, x.transposed, s.k, 0, n, n, x.shared);
}

/// Asks for the rows from `row` on, which the next piece will read and write.
template <class T>
HWY_INLINE void prefetchPiece(const Head<T>& head, std::size_t row, std::size_t end) {
    for (const std::size_t stop = std::min(end, row + piece); row < stop; ++row) {
        prefetchRow(head.q(row), head.s.k);
        prefetchRow(head.k(row), head.s.k);
        prefetchRow(head.v(row), head.s.v);
        prefetchRow(head.o(row), head.s.v);
        if (head.s.decay == Decay::key) prefetchRow(head.keyLogs(row), head.s.k);
    }
}

/// Heads first..first+count-1 of one sequence, piece by piece side by side: their rows are neighbours in memory.
template <class T>
HWY_INLINE void byPiece(const LinearScanShape& s, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out,
                        std::size_t sequence, std::size_t first, std::size_t count, TokenRange range, std::size_t first_state,
                        const Scratch& x) {
    const std::size_t columns = blockColumns(), unit = sequence * s.heads + first - first_state, size = s.k * s.v,
                      block = s.k * columns;
    for (std::size_t h = 0; h < count; ++h)
        for (std::size_t b = 0; b < x.blocks; ++b)
            loadBlock(in.initial ? in.initial + (unit + h) * size : nullptr, s.k, s.v, b * columns,
                      std::min(columns, s.v - b * columns), columns, x.states + h * x.state + b * block);
    for (std::size_t row = range.begin; row < range.end; row += piece) {
        const std::size_t n = std::min(piece, range.end - row);
        const bool empty = row == range.begin && !in.initial, last = row + n == range.end;
        for (std::size_t h = 0; h < count; ++h) {
            const Head<T> head(s, in, out, first + h);
            if (h == 0 || !head.shares(Head<T>(s, in, out, first + h - 1))) packShared(head, row, n, x);
            prefetchPiece(head, row + n, range.end);
            const Piece p = headPiece(head, row, n, x);
            for (std::size_t t = 0; t < n; ++t) packBlocks(head.v(row + t), s.v, columns, x.v + t * columns);
            for (std::size_t b = 0; b < x.blocks; ++b) {
                float* state = x.states + h * x.state + b * block;
                readBlock(p, state, empty, x.v + b * piece * columns, x.o + b * piece * columns);
                if (!last || out.state) writeBlock(p, x.v + b * piece * columns, state);
            }
            for (std::size_t t = 0; t < n; ++t)
                storeBlocks(x.o + t * columns, s.v, columns, head.skip(row + t), head.factor(), head.o(row + t));
        }
    }
    if (!out.state) return;
    for (std::size_t h = 0; h < count; ++h)
        for (std::size_t b = 0; b < x.blocks; ++b)
            storeBlock(x.states + h * x.state + b * block, s.k, s.v, b * columns, std::min(columns, s.v - b * columns), columns,
                       out.state + (unit + h) * size);
}

template <class T>
HWY_INLINE void linearScanOf(const LinearScanShape& s, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out,
                             std::size_t begin, std::size_t end, std::size_t first_state) {
    const std::size_t H = s.heads, size = s.k * s.v;
    const std::size_t group = std::max<std::size_t>(1, std::min({H, group_bytes / (size * sizeof(float)), end - begin}));
    std::size_t longest = 0;
    for (std::size_t n = 0; n < sequenceCount(s.sequences, s.batch); ++n)
        longest = std::max(longest, tokensOf(s.sequences, s.tokens, n).size());
    const Scratch scratch(s, group, longest >= chunk_from, out.state != nullptr);
    for (std::size_t unit = begin; unit < end;) {
        const std::size_t sequence = unit / H, h = unit % H;
        const TokenRange range = tokensOf(s.sequences, s.tokens, sequence);
        const float* initial = in.initial ? in.initial + (unit - first_state) * size : nullptr;
        float* state = out.state ? out.state + (unit - first_state) * size : nullptr;
        if (range.size() >= chunk_from) {
            const std::size_t count = std::min({group, H - h, end - unit});
            byPiece(s, in, out, sequence, h, count, range, first_state, scratch);
            unit += count;
            continue;
        }
        if (range.size() == 0) keepState(initial, size, state);
        else byToken(Head<T>(s, in, out, h), range, initial, state, scratch);
        ++unit;
    }
}

}  // namespace scan

void LinearScanFloat(const LinearScanShape& s, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                     std::size_t begin, std::size_t end, std::size_t first_state) {
    scan::linearScanOf(s, in, out, begin, end, first_state);
}
void LinearScanBf16(const LinearScanShape& s, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                    std::size_t begin, std::size_t end, std::size_t first_state) {
    scan::linearScanOf(s, in, out, begin, end, first_state);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(LinearScanFloat);
HWY_EXPORT(LinearScanBf16);

void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                std::size_t begin, std::size_t end, std::size_t first_state) {
    HWY_DYNAMIC_DISPATCH(LinearScanFloat)(shape, in, out, begin, end, first_state);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                std::size_t begin, std::size_t end, std::size_t first_state) {
    HWY_DYNAMIC_DISPATCH(LinearScanBf16)(shape, in, out, begin, end, first_state);
}

}  // namespace airframe::kernels::simd
#endif

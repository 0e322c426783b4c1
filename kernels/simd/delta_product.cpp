// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of vectors cannot be formed of vectors of unknown length: Arm runs the NEON body.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/delta_product.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/simd/scan_rows-inl.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {
namespace product {

using scan::Buffer;


constexpr std::size_t vectors = 4;  // of one column block: as many sums as hide the latency of a multiply-add
constexpr std::size_t tokens_packed = 16;
constexpr std::size_t group_bytes = 64u << 10;  // states of heads side by side, kept in the second-level cache

HWY_INLINE std::size_t blockColumns() { return vectors * hn::Lanes(D()); }

/// Columns of a state, K rows `stride` apart.
struct Block {
    float* state;
    std::size_t stride, K;
};

/// p = S^T a.
HWY_INLINE void read(const Block& x, const float* a, float* p) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec sum[vectors];
    for (Vec& s : sum) s = hn::Zero(d);
    for (std::size_t i = 0; i < x.K; ++i) {
        const Vec ai = hn::Set(d, a[i]);
        for (std::size_t c = 0; c < vectors; ++c) sum[c] = hn::MulAdd(ai, hn::LoadU(d, x.state + i * x.stride + c * N), sum[c]);
    }
    for (std::size_t c = 0; c < vectors; ++c) hn::Store(sum[c], d, p + c * N);
}

/// The rows of one token, float32, the decay as a factor; next_a is the next token's a, nullptr after the last.
struct Token {
    const float *r, *w, *k, *b, *next_a;
};

/// S <- w S + b p^T + k v^T, o = S^T r and p = S^T next_a in one sweep: each state element is loaded and stored once.
template <bool has_next>
HWY_INLINE void sweep(const Block& x, const Token& t, const float* v, float* p, float* o) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec value[vectors], read[vectors], out[vectors], next[vectors];
    for (std::size_t c = 0; c < vectors; ++c) {
        value[c] = hn::Load(d, v + c * N);
        read[c] = hn::Load(d, p + c * N);
        out[c] = next[c] = hn::Zero(d);
    }
    for (std::size_t i = 0; i < x.K; ++i) {
        float* row = x.state + i * x.stride;
        const Vec w = hn::Set(d, t.w[i]), b = hn::Set(d, t.b[i]), k = hn::Set(d, t.k[i]), r = hn::Set(d, t.r[i]);
        Vec a = hn::Zero(d);
        if (has_next) a = hn::Set(d, t.next_a[i]);
        for (std::size_t c = 0; c < vectors; ++c) {
            const Vec added = hn::MulAdd(k, value[c], hn::Mul(b, read[c]));
            const Vec s = hn::MulAdd(w, hn::LoadU(d, row + c * N), added);
            hn::StoreU(s, d, row + c * N);
            out[c] = hn::MulAdd(r, s, out[c]);
            if (has_next) next[c] = hn::MulAdd(a, s, next[c]);
        }
    }
    for (std::size_t c = 0; c < vectors; ++c) {
        hn::Store(out[c], d, o + c * N);
        if (has_next) hn::Store(next[c], d, p + c * N);
    }
}

/// All scratch of one call, allocated once. Rows are `width` floats, K padded to whole vectors.
struct Scratch {
    std::size_t width, blocks;
    Buffer memory;
    float *r, *w, *k, *a, *b, *v, *o, *p, *states;

    Scratch(const DeltaProductShape& s, std::size_t group)
        : width(scan::padded(s.k)), blocks((s.v + blockColumns() - 1) / blockColumns()) {
        const std::size_t rows = (tokens_packed + 1) * width, columns = blockColumns();
        memory = hwy::AllocateAligned<float>(5 * rows + 2 * columns + group * blocks * columns * (1 + s.k));
        float* at = memory.get();
        for (float** part : {&r, &w, &k, &a, &b}) *part = at, at += rows;
        v = at, o = v + columns, p = o + columns, states = p + group * blocks * columns;
    }
};

template <class T>
void packTokens(const DeltaProductShape& s, const DeltaProductInputs<T>& in, std::size_t head, std::size_t row, std::size_t n,
                const Scratch& x) {
    const D d;
    for (std::size_t t = 0; t < n; ++t) {
        const std::size_t from = ((row + t) * s.heads + head) * s.k, to = t * x.width;
        scan::packRow(in.r + from, s.k, x.width, s.scale, x.r + to);
        scan::packRow(in.k + from, s.k, x.width, 1.0f, x.k + to);
        scan::packRow(in.b + from, s.k, x.width, 1.0f, x.b + to);
        scan::packRow(in.w + from, s.k, x.width, 1.0f, x.w + to);
        for (std::size_t c = 0; c < x.width; c += hn::Lanes(d)) hn::Store(hn::Exp(d, hn::Load(d, x.w + to + c)), d, x.w + to + c);
    }
}

template <class T>
HWY_INLINE void prefetchToken(const DeltaProductShape& s, const DeltaProductInputs<T>& in, const DeltaProductOutputs<T>& out,
                              std::size_t row, std::size_t head) {
    const std::size_t keys = (row * s.heads + head) * s.k, values = (row * s.heads + head) * s.v;
    for (const T* x : {in.r, in.k, in.a, in.b}) scan::prefetchRow(x + keys, s.k);
    scan::prefetchRow(in.w + keys, s.k);
    scan::prefetchRow(in.v + values, s.v);
    scan::prefetchRow(out.o + values, s.v);
}

/// Heads first..first+count-1 of one sequence, piece by piece side by side: their rows are neighbours in memory.
template <class T>
HWY_INLINE void runHeads(const DeltaProductShape& s, const DeltaProductInputs<T>& in, const DeltaProductOutputs<T>& out,
                         std::size_t sequence, std::size_t first, std::size_t count, TokenRange range, std::size_t first_state,
                         const Scratch& x) {
    const std::size_t K = s.k, V = s.v, size = K * V, columns = blockColumns(), blocks = count * x.blocks;
    const std::size_t at_state = (sequence * s.heads + first - first_state) * size;
    const float* initial = in.initial ? in.initial + at_state : nullptr;
    float* final = out.state ? out.state + at_state : nullptr;
    // A state of one whole block, or one token's whole blocks, need no copy.
    const bool in_place = final && V % columns == 0 && (V == columns || range.size() == 1);
    if (in_place) scan::keepState(initial, count * size, final);
    const auto columnOf = [&](std::size_t b) HWY_ATTR { return b % x.blocks * columns; };
    const auto widthOf = [&](std::size_t b) HWY_ATTR { return std::min(columns, V - columnOf(b)); };
    const auto blockAt = [&](std::size_t b) HWY_ATTR {
        return in_place ? Block{final + b / x.blocks * size + columnOf(b), V, K} : Block{x.states + b * K * columns, columns, K};
    };
    const auto packA = [&](std::size_t row, std::size_t h, float* to) HWY_ATTR {
        scan::packRow(in.a + (row * s.heads + h) * K, K, x.width, 1.0f, to);
    };
    for (std::size_t b = 0; b < blocks; ++b) {
        if (b % x.blocks == 0) packA(range.begin, first + b / x.blocks, x.a);
        if (!in_place)
            scan::loadBlock(initial ? initial + b / x.blocks * size : nullptr, K, V, columnOf(b), widthOf(b), columns, blockAt(b).state);
        read(blockAt(b), x.a, x.p + b * columns);
    }
    for (std::size_t row = range.begin; row < range.end; row += tokens_packed) {
        const std::size_t n = std::min(tokens_packed, range.end - row);
        for (std::size_t b = 0; b < blocks; ++b) {
            const std::size_t h = first + b / x.blocks;
            if (b % x.blocks == 0) {
                packTokens(s, in, h, row, n, x);
                for (std::size_t t = 0; t < n; ++t)
                    if (row + t + 1 < range.end) packA(row + t + 1, h, x.a + t * x.width);
            }
            const Block block = blockAt(b);
            for (std::size_t t = 0; t < n; ++t) {
                const std::size_t at = ((row + t) * s.heads + h) * V + columnOf(b), to = t * x.width;
                if (const std::size_t later = row + t + tokens_packed; later < range.end) prefetchToken(s, in, out, later, h);
                const Token token{x.r + to, x.w + to, x.k + to, x.b + to, x.a + to};
                scan::packRow(in.v + at, widthOf(b), columns, 1.0f, x.v);
                if (row + t + 1 < range.end) sweep<true>(block, token, x.v, x.p + b * columns, x.o);
                else sweep<false>(block, token, x.v, x.p + b * columns, x.o);
                scan::storeRow(x.o, widthOf(b), static_cast<const T*>(nullptr), 0.0f, out.o + at);
            }
        }
    }
    if (!final || in_place) return;
    for (std::size_t b = 0; b < blocks; ++b)
        scan::storeBlock(blockAt(b).state, K, V, columnOf(b), widthOf(b), columns, final + b / x.blocks * size);
}

template <class T>
HWY_INLINE void deltaProductOf(const DeltaProductShape& s, const DeltaProductInputs<T>& in, const DeltaProductOutputs<T>& out,
                               std::size_t begin, std::size_t end, std::size_t first_state) {
    const std::size_t size = s.k * s.v;
    const std::size_t group = std::max<std::size_t>(1, std::min({group_bytes / (size * sizeof(float)), s.heads, end - begin}));
    const Scratch scratch(s, group);
    for (std::size_t unit = begin; unit < end;) {
        const std::size_t sequence = unit / s.heads, h = unit % s.heads, count = std::min({group, s.heads - h, end - unit});
        const TokenRange range = tokensOf(s.sequences, s.tokens, sequence);
        if (range.size() != 0) runHeads(s, in, out, sequence, h, count, range, first_state, scratch);
        else if (out.state)
            scan::keepState(in.initial ? in.initial + (unit - first_state) * size : nullptr, count * size,
                            out.state + (unit - first_state) * size);
        unit += count;
    }
}

}  // namespace product

void DeltaProductFloat(const DeltaProductShape& s, const DeltaProductInputs<float>& in, const DeltaProductOutputs<float>& out,
                       std::size_t begin, std::size_t end, std::size_t first_state) {
    product::deltaProductOf(s, in, out, begin, end, first_state);
}
void DeltaProductBf16(const DeltaProductShape& s, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                      std::size_t begin, std::size_t end, std::size_t first_state) {
    product::deltaProductOf(s, in, out, begin, end, first_state);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(DeltaProductFloat);
HWY_EXPORT(DeltaProductBf16);

void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in, const DeltaProductOutputs<float>& out,
                  std::size_t begin, std::size_t end, std::size_t first_state) {
    HWY_DYNAMIC_DISPATCH(DeltaProductFloat)(shape, in, out, begin, end, first_state);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                  std::size_t begin, std::size_t end, std::size_t first_state) {
    HWY_DYNAMIC_DISPATCH(DeltaProductBf16)(shape, in, out, begin, end, first_state);
}

}  // namespace airframe::kernels::simd
#endif

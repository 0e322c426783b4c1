// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/gated_delta_chunked.cuh"
#include "kernels/cuda/row_pairs.cuh"

// The second kernel of the gated delta rule in chunks; the algebra stands in gated_delta_chunked.cuh.

namespace airframe::kernels::cuda {

/// Of the second kernel; arrays and letters as in kernels/gated_delta.h. T and State are float or Bf16.
template <class T, class State>
struct GatedDeltaChunkArguments {
    int tokens = 0, heads = 0, k = 0, v = 0, chunks = 0;
    int stages = 1;    ///< chunks whose tiles fit in shared memory at once: 2 = the next is copied meanwhile
    float scale = 1;   ///< K^-0.5
    bool even = false; ///< rows of V elements begin at multiples of two elements
    Global<const T> values;
    Global<const State> initial;
    Global<T> out;
    Global<State> state;
    GatedDeltaWorkspace work;
};

namespace chunked {
/// Two neighbours as an operand in two parts: the rounded values, and 64 rows below their rounded rests.
AIRFRAME_DEVICE void storeSplit(Shared<Bf16> to, int row, int column, float x, float y) {
    const std::uint32_t pair = packBf16(x, y);
    storePair(to, row * column_stride + column, pair);
    storePair(to, (tokens + row) * column_stride + column,
              packBf16(x - widen(Bf16{static_cast<std::uint16_t>(pair & 0xffff)}),
                       y - widen(Bf16{static_cast<std::uint16_t>(pair >> 16)})));
}
/// acc += a b for a [16, 16] and 32 columns of b in two parts, rows k.. of 64.
AIRFRAME_DEVICE void addSplitProduct(Array<Array<float, 4>, 4>& acc, const Array<std::uint32_t, 4>& a, Shared<Bf16> b,
                                     int k) {
    AIRFRAME_UNROLL
    for (int part = 0; part < 2; ++part)
        AIRFRAME_UNROLL
        for (int n = 0; n < 2; ++n) {
            const auto x = rightTile(b, column_stride, part * tokens + k, 16 * n);
            mmaBf16(acc[2 * n], a, x[0], x[1]);
            mmaBf16(acc[2 * n + 1], a, x[2], x[3]);
        }
}

/// Starts copying a chunk's tiles to shared memory, 16 bytes at a time.
template <int KT>
AIRFRAME_DEVICE void fetch(const GatedDeltaWorkspace& work, std::size_t unit, int stage) {
    using Size = Sizes<KT>;
    const int base = stage * Size::stage_bytes;
    const auto keys = sharedArray<Bf16>(base, Size::tile_bytes / 2);
    const auto queries = sharedArray<Bf16>(base + Size::tile_bytes, Size::tile_bytes / 2);
    const auto solve = sharedArray<Bf16>(base + 2 * Size::tile_bytes, Size::square_bytes / 2);
    const auto scores = sharedArray<Bf16>(base + 2 * Size::tile_bytes + Size::square_bytes, Size::square_bytes / 2);
    const auto gates = sharedArray<float>(base + 2 * Size::tile_bytes + 2 * Size::square_bytes, 2 * tokens);
    for (int e = threadX(); e < tokens * 2 * KT; e += threads) {
        const int row = e / (2 * KT), c = e % (2 * KT) * 8;
        const std::size_t at = (unit * tokens + row) * Size::k + c;
        copyAsync16(keys, row * Size::stride + c, work.unit_keys, at);
        copyAsync16(queries, row * Size::stride + c, work.unit_queries, at);
    }
    for (int e = threadX(); e < tokens * tokens / 8; e += threads) {
        const int row = e / (tokens / 8), c = e % (tokens / 8) * 8;
        if (c / 16 > row / 16) continue;
        const std::size_t at = (unit * tokens + row) * tokens + c;
        copyAsync16(solve, row * square_stride + c, work.solve, at);
        copyAsync16(scores, row * square_stride + c, work.scores, at);
    }
    if (threadX() < 2 * tokens / 4) copyAsync16(gates, 4 * threadX(), work.gates, unit * 2 * tokens + 4 * threadX());
    commitCopies();
}
}  // namespace chunked

inline Grid gatedDeltaChunksGrid(std::size_t pairs, std::size_t v, int bytes) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, chunked::columns), 1, chunked::threads, static_cast<std::size_t>(bytes)};
}

/// The second kernel: carries 32 columns of one pair's state through all chunks. Warp w makes rows 16w.. of products over
/// tokens; of the state, half of the rows (w / 2) of half of the columns (w % 2), which stay in registers in float32; a
/// rounded copy in shared memory is the operand. The final state may be the initial one.
template <int KT, class T, class State>
AIRFRAME_DEVICE void gatedDeltaChunks(const GatedDeltaChunkArguments<T, State>& p) {
    using namespace chunked;
    using Size = Sizes<KT>;
    const std::size_t pair = blockX(), batch = pair / p.heads, head = pair % p.heads;
    const int left = blockY() * columns;
    const std::size_t state_at = pair * p.k * p.v;
    const int after = p.stages * Size::stage_bytes;
    const auto state = sharedArray<Bf16>(after, Size::state_bytes / 2);
    const auto rest = sharedArray<Bf16>(after + Size::state_bytes, Size::block_bytes / 2);
    const auto news = sharedArray<Bf16>(after + Size::state_bytes + Size::block_bytes, Size::block_bytes / 2);
    const auto aged = sharedArray<Bf16>(after + Size::state_bytes + 2 * Size::block_bytes, Size::block_bytes / 2);

    const int top = 16 * warp(), state_top = warp() / 2 * (Size::k / 2), state_left = warp() % 2 * 16;
    Array<Array<float, 4>, KT> s;  // tile (m, n) of the warp's part at 2m + n
    AIRFRAME_UNROLL
    for (int tile = 0; tile < KT; ++tile)
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = state_top + tile / 2 * 16 + accRow() + 8 * half, column = state_left + tile % 2 * 8 + accColumn();
            Float2 x{0, 0};
            if (p.initial.given() && row < p.k)
                x = loadTwo(p.initial, state_at + static_cast<std::size_t>(row) * p.v, left + column, p.v, p.even);
            s[tile][2 * half] = x.x;
            s[tile][2 * half + 1] = x.y;
            storePair(state, row * column_stride + column, packBf16(x.x, x.y));
        }
    fetch<KT>(p.work, pair * p.chunks, 0);
    for (int chunk = 0; chunk < p.chunks; ++chunk) {
        const int stage = p.stages == 2 ? chunk % 2 : 0, base = stage * Size::stage_bytes;
        const auto keys = sharedArray<Bf16>(base, Size::tile_bytes / 2);
        const auto queries = sharedArray<Bf16>(base + Size::tile_bytes, Size::tile_bytes / 2);
        const auto solve = sharedArray<Bf16>(base + 2 * Size::tile_bytes, Size::square_bytes / 2);
        const auto scores = sharedArray<Bf16>(base + 2 * Size::tile_bytes + Size::square_bytes, Size::square_bytes / 2);
        const auto gates = sharedArray<float>(base + 2 * Size::tile_bytes + 2 * Size::square_bytes, 2 * tokens);
        waitCopies<0>();
        syncThreads();  // this chunk's tiles have come, and everyone has left the chunk before
        if (p.stages == 2 && chunk + 1 < p.chunks) fetch<KT>(p.work, pair * p.chunks + chunk + 1, 1 - stage);

        // K S and Q S, both from one load of S.
        Array<Array<float, 4>, 4> ks, qs;
        AIRFRAME_UNROLL
        for (int n = 0; n < 4; ++n) ks[n] = qs[n] = Array<float, 4>{{0, 0, 0, 0}};
        for (int step = 0; step < KT; ++step) {
            const auto k = leftTile(keys, Size::stride, top, 16 * step), q = leftTile(queries, Size::stride, top, 16 * step);
            AIRFRAME_UNROLL
            for (int n = 0; n < 2; ++n) {
                const auto x = rightTile(state, column_stride, 16 * step, 16 * n);
                mmaBf16(ks[2 * n], k, x[0], x[1]);
                mmaBf16(ks[2 * n + 1], k, x[2], x[3]);
                mmaBf16(qs[2 * n], q, x[0], x[1]);
                mmaBf16(qs[2 * n + 1], q, x[2], x[3]);
            }
        }
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = top + accRow() + 8 * half, token = chunk * tokens + row;
            const float gate = gates[row];
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n) {
                const int column = 8 * n + accColumn();
                Float2 v{0, 0};
                if (token < p.tokens)
                    v = loadTwo(p.values, ((batch * p.tokens + token) * p.heads + head) * p.v, left + column, p.v, p.even);
                storeSplit(rest, row, column, v.x - gate * ks[n][2 * half], v.y - gate * ks[n][2 * half + 1]);
                // What the output owes to the old state.
                qs[n][2 * half] *= p.scale * gate;
                qs[n][2 * half + 1] *= p.scale * gate;
            }
        }
        syncThreads();

        // D = M (V - ...), M lower triangular.
        Array<Array<float, 4>, 4> d;
        AIRFRAME_UNROLL
        for (int n = 0; n < 4; ++n) d[n] = Array<float, 4>{{0, 0, 0, 0}};
        for (int step = 0; step <= warp(); ++step)
            addSplitProduct(d, leftTile(solve, square_stride, top, 16 * step), rest, 16 * step);
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = top + accRow() + 8 * half;
            const float age = gates[tokens + row];
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n) {
                const int column = 8 * n + accColumn();
                storeSplit(news, row, column, d[n][2 * half], d[n][2 * half + 1]);
                storeSplit(aged, row, column, age * d[n][2 * half], age * d[n][2 * half + 1]);
            }
        }
        syncThreads();

        // O = ... + A D
        for (int step = 0; step <= warp(); ++step)
            addSplitProduct(qs, leftTile(scores, square_stride, top, 16 * step), news, 16 * step);
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int token = chunk * tokens + top + accRow() + 8 * half;
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n)
                if (token < p.tokens)
                    storeTwo(p.out, ((batch * p.tokens + token) * p.heads + head) * p.v, left + 8 * n + accColumn(), p.v,
                             p.even, {qs[n][2 * half], qs[n][2 * half + 1]});
        }

        // S <- exp(G_C) S + K^T (aged D)
        const float decay = gates[tokens - 1];
        AIRFRAME_UNROLL
        for (int tile = 0; tile < KT; ++tile)
            AIRFRAME_UNROLL
            for (int i = 0; i < 4; ++i) s[tile][i] *= decay;
        for (int step = 0; step < tokens / 16; ++step) {
            const auto x = rightTile(aged, column_stride, 16 * step, state_left);
            const auto low = rightTile(aged, column_stride, tokens + 16 * step, state_left);
            AIRFRAME_UNROLL
            for (int m = 0; m < KT / 2; ++m) {
                const auto k = leftTileTransposed(keys, Size::stride, 16 * step, state_top + 16 * m);
                mmaBf16(s[2 * m], k, x[0], x[1]);
                mmaBf16(s[2 * m + 1], k, x[2], x[3]);
                mmaBf16(s[2 * m], k, low[0], low[1]);
                mmaBf16(s[2 * m + 1], k, low[2], low[3]);
            }
        }
        AIRFRAME_UNROLL
        for (int tile = 0; tile < KT; ++tile)
            AIRFRAME_UNROLL
            for (int half = 0; half < 2; ++half)
                storePair(state,
                          (state_top + tile / 2 * 16 + accRow() + 8 * half) * column_stride + state_left +
                              tile % 2 * 8 + accColumn(),
                          packBf16(s[tile][2 * half], s[tile][2 * half + 1]));
        if (p.stages == 1 && chunk + 1 < p.chunks) {
            syncThreads();  // everyone has read this chunk's tiles
            fetch<KT>(p.work, pair * p.chunks + chunk + 1, 0);
        }
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int tile = 0; tile < KT; ++tile)
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = state_top + tile / 2 * 16 + accRow() + 8 * half, column = state_left + tile % 2 * 8 + accColumn();
            if (row < p.k)
                storeTwo(p.state, state_at + static_cast<std::size_t>(row) * p.v, left + column, p.v, p.even,
                         {s[tile][2 * half], s[tile][2 * half + 1]});
        }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/linear_scan_chunked.cuh"
#include "kernels/cuda/row_pairs.cuh"

// The second kernel of linear attention in chunks; the algebra stands in linear_scan_chunked.cuh.

namespace airframe::kernels::cuda {

namespace scan_chunks {
/// The tiles of a chunk that the second kernel works on, in the shared memory of a stage.
template <int KT, bool PerKey>
struct Stage {
    Shared<Bf16> queries, keys;
    Shared<float> sums;    ///< not PerKey
    Shared<int> resets;    ///< not PerKey
    Shared<Bf16> scores;   ///< PerKey
    Shared<float> decays;  ///< PerKey
};
template <int KT, bool PerKey>
AIRFRAME_DEVICE Stage<KT, PerKey> stageAt(int stage) {
    using Size = Sizes<KT, PerKey>;
    const int base = stage * Size::stage_bytes, after = base + 2 * Size::tile_bytes;
    const auto queries = sharedArray<Bf16>(base, Size::tile_bytes / 2);
    const auto keys = sharedArray<Bf16>(base + Size::tile_bytes, Size::tile_bytes / 2);
    if constexpr (PerKey)
        return {queries, keys, {}, {}, sharedArray<Bf16>(after, Size::square_bytes / 2),
                sharedArray<float>(after + Size::square_bytes, Size::k)};
    else
        return {queries, keys, sharedArray<float>(after, tokens), sharedArray<int>(after + 4 * tokens, tokens), {}, {}};
}

/// Which chunks of the workspace belong to a pair: the first of each array's.
struct Units {
    std::size_t queries, keys, gates;
};
/// Starts copying chunk `chunk` to shared memory, 16 bytes at a time.
template <int KT, bool PerKey>
AIRFRAME_DEVICE void fetch(const LinearScanWorkspace& work, const Units& units, int chunk, int stage) {
    using Size = Sizes<KT, PerKey>;
    const auto to = stageAt<KT, PerKey>(stage);
    for (int e = threadX(); e < tokens * 2 * KT; e += threads) {
        const int row = e / (2 * KT), c = e % (2 * KT) * 8;
        copyAsync16(to.queries, row * Size::stride + c, work.queries, ((units.queries + chunk) * tokens + row) * Size::k + c);
        copyAsync16(to.keys, row * Size::stride + c, work.keys, ((units.keys + chunk) * tokens + row) * Size::k + c);
    }
    const std::size_t unit = units.gates + chunk;
    if constexpr (PerKey) {
        for (int e = threadX(); e < tokens * tokens / 8; e += threads) {
            const int row = e / (tokens / 8), c = e % (tokens / 8) * 8;
            if (c / 16 > row / 16) continue;
            copyAsync16(to.scores, row * square_stride + c, work.scores, (unit * tokens + row) * tokens + c);
        }
        if (threadX() < 4 * KT) copyAsync16(to.decays, 4 * threadX(), work.key_decays, unit * Size::k + 4 * threadX());
    } else if (threadX() < tokens / 4) {
        copyAsync16(to.sums, 4 * threadX(), work.sums, unit * tokens + 4 * threadX());
        copyAsync16(to.resets, 4 * threadX(), work.resets, unit * tokens + 4 * threadX());
    }
    commitCopies();
}
/// Decays and scale of the rows of Q S and of A that this lane holds.
template <int KT>
AIRFRAME_DEVICE void decayRows(const Stage<KT, false>& in, float scale, Array<Array<float, 4>, 8>& o, Array<Array<float, 4>, 8>& a) {
    AIRFRAME_UNROLL
    for (int half = 0; half < 2; ++half) {
        const int i = 16 * warp() + accRow() + 8 * half;
        const float gate = in.resets[i] == 0 ? scale * exponential(in.sums[i]) : 0.0f;
        AIRFRAME_UNROLL
        for (int n = 0; n < 8; ++n) {
            o[n][2 * half] *= gate;
            o[n][2 * half + 1] *= gate;
            if (n / 2 > warp()) continue;
            const int j = 8 * n + accColumn();
            a[n][2 * half] *= scale * chunked::decayBetween(in.sums, in.resets, i, j);
            a[n][2 * half + 1] *= scale * chunked::decayBetween(in.sums, in.resets, i, j + 1);
        }
    }
}
/// Sixteen columns of the warp's rows of A as an operand, from the accumulators that made them.
AIRFRAME_DEVICE Array<std::uint32_t, 4> asOperand(const Array<float, 4>& left, const Array<float, 4>& right) {
    return {{packBf16(left[0], left[1]), packBf16(left[2], left[3]), packBf16(right[0], right[1]), packBf16(right[2], right[3])}};
}
}  // namespace scan_chunks

inline Grid linearScanChunksGrid(std::size_t pairs, std::size_t v, int bytes) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, scan_chunks::columns), 1, scan_chunks::threads,
            static_cast<std::size_t>(bytes)};
}
/// The second kernel: carries 64 columns of one pair's state through all chunks. Grid (B*H, ceil(V / 64)), 128 threads.
/// Warp w makes rows 16w.. of products over tokens; of the state, half of the rows (w / 2) of half of the columns (w % 2),
/// which stay in registers in float32; a rounded copy in shared memory is the operand. Where A is made here it goes from
/// the accumulators of one product to the operand of the next without leaving the registers. PerKey: Decay::key. The final state may be the initial one.
template <int KT, bool PerKey, class T, class State>
AIRFRAME_DEVICE void linearScanChunks(const LinearScanChunkArguments<T, State>& c) {
    using namespace scan_chunks;
    using Size = Sizes<KT, PerKey>;
    constexpr bool early = KT <= 8;  // v is asked for before the products that hide its way, where registers allow it
    const auto& p = c.call;
    const std::size_t pair = blockX(), batch = pair / p.heads, head = pair % p.heads, state_at = pair * p.k * p.v;
    const std::size_t v_head = head / (p.heads / p.v_heads);
    const Units units = PerKey ? Units{pair * c.chunks, pair * c.chunks, pair * c.chunks}
                               : Units{(batch * p.q_heads + head / (p.heads / p.q_heads)) * c.chunks,
                                       (batch * p.k_heads + head / (p.heads / p.k_heads)) * c.chunks,
                                       (batch * c.gate_heads + head / (p.heads / c.gate_heads)) * c.chunks};
    const int left = blockY() * columns, after = c.stages * Size::stage_bytes;
    const auto state = sharedArray<Bf16>(after, Size::state_bytes / 2);
    const auto values = sharedArray<Bf16>(after + Size::state_bytes, Size::block_bytes / 2);
    // exp(G_C - G) v; with a decay per key the keys are aged instead, and this is v itself.
    const auto aged =
        sharedArray<Bf16>(after + Size::state_bytes + (PerKey ? 0 : Size::block_bytes), Size::block_bytes / 2);
    const float skip = p.skips.given() ? p.skips[head] : 0.0f;

    const int top = 16 * warp(), state_top = warp() / 2 * (Size::k / 2), state_left = warp() % 2 * 32;
    Array<Array<float, 4>, 2 * KT> s;  // tile (m, n) of the warp's part at 4m + n
    AIRFRAME_UNROLL
    for (int tile = 0; tile < 2 * KT; ++tile)
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = state_top + tile / 4 * 16 + accRow() + 8 * half, column = state_left + tile % 4 * 8 + accColumn();
            Float2 x{0, 0};
            if (p.initial.given() && row < p.k)
                x = loadTwo(p.initial, state_at + static_cast<std::size_t>(row) * p.v, left + column, p.v, c.even);
            s[tile][2 * half] = x.x;
            s[tile][2 * half + 1] = x.y;
            storePair(state, row * column_stride + column, packBf16(x.x, x.y));
        }
    fetch<KT, PerKey>(c.work, units, 0, 0);
    for (int chunk = 0; chunk < c.chunks; ++chunk) {
        const int stage = c.stages == 2 ? chunk % 2 : 0;
        const auto in = stageAt<KT, PerKey>(stage);
        waitCopies<0>();
        syncThreads();  // this chunk's tiles have come, and everyone has left the chunk before
        if (c.stages == 2 && chunk + 1 < c.chunks)
            fetch<KT, PerKey>(c.work, units, chunk + 1, 1 - stage);

        const auto value = [&](int i) {
            const int token = chunk * tokens + warp() + 4 * i;
            Float2 x{0, 0};
            if (token < p.tokens)
                x = loadTwo(p.values, (batch * p.tokens + token) * p.v_stride + v_head * p.v, left + 2 * lane(), p.v, c.even);
            return packBf16(x.x, x.y);
        };
        Array<std::uint32_t, 16> v{{}};
        if constexpr (early) {
            AIRFRAME_UNROLL
            for (int i = 0; i < 16; ++i) v[i] = value(i);
        }

        // Q S, and Q K^T in column pairs of 8 up to the diagonal.
        Array<Array<float, 4>, 8> o, a;
        AIRFRAME_UNROLL
        for (int n = 0; n < 8; ++n) o[n] = a[n] = Array<float, 4>{{0, 0, 0, 0}};
        for (int step = 0; step < KT; ++step) {
            const auto q = leftTile(in.queries, Size::stride, top, 16 * step);
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n) {
                const auto x = rightTile(state, column_stride, 16 * step, 16 * n);
                mmaBf16(o[2 * n], q, x[0], x[1]);
                mmaBf16(o[2 * n + 1], q, x[2], x[3]);
                if (PerKey || n > warp()) continue;
                const auto k = rightTileTransposed(in.keys, Size::stride, 16 * n, 16 * step);
                mmaBf16(a[2 * n], q, k[0], k[1]);
                mmaBf16(a[2 * n + 1], q, k[2], k[3]);
            }
        }
        if constexpr (!PerKey) decayRows(in, p.scale, o, a);
        AIRFRAME_UNROLL
        for (int i = 0; i < 16; ++i) {
            const int row = warp() + 4 * i, at = row * column_stride + 2 * lane();
            const std::uint32_t pair_of_v = early ? v[i] : value(i);
            storePair(values, at, pair_of_v);
            if constexpr (!PerKey) {
                const float age = chunked::decayBetween(in.sums, in.resets, tokens - 1, row);
                storePair(aged, at, packBf16(age * widen(Bf16{static_cast<std::uint16_t>(pair_of_v & 0xffff)}),
                                             age * widen(Bf16{static_cast<std::uint16_t>(pair_of_v >> 16)})));
            }
        }
        syncThreads();

        // O = ... + A V
        AIRFRAME_UNROLL
        for (int m = 0; m < 4; ++m) {
            if (m > warp()) continue;
            Array<std::uint32_t, 4> scores;
            if constexpr (PerKey)
                scores = leftTile(in.scores, square_stride, top, 16 * m);
            else
                scores = asOperand(a[2 * m], a[2 * m + 1]);
            AIRFRAME_UNROLL
            for (int n = 0; n < 4; ++n) {
                const auto x = rightTile(values, column_stride, 16 * m, 16 * n);
                mmaBf16(o[2 * n], scores, x[0], x[1]);
                mmaBf16(o[2 * n + 1], scores, x[2], x[3]);
            }
        }
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int token = chunk * tokens + top + accRow() + 8 * half;
            if (token >= p.tokens) continue;
            const std::size_t row = batch * p.tokens + token;
            AIRFRAME_UNROLL
            for (int n = 0; n < 8; ++n) {
                const int column = left + 8 * n + accColumn();
                Float2 y{o[n][2 * half], o[n][2 * half + 1]};
                if (p.skips.given()) {
                    const Float2 x = loadTwo(p.skip_inputs, row * p.skip_stride + v_head * p.v, column, p.v, c.even);
                    y = Float2{y.x + skip * x.x, y.y + skip * x.y};
                }
                storeTwo(p.out, (row * p.heads + head) * p.v, column, p.v, c.even, y);
            }
        }

        // S <- exp(G_C) S + K^T (aged V)
        AIRFRAME_UNROLL
        for (int tile = 0; tile < 2 * KT; ++tile)
            AIRFRAME_UNROLL
            for (int half = 0; half < 2; ++half) {
                float decay = 0;
                if constexpr (PerKey)
                    decay = in.decays[state_top + tile / 4 * 16 + accRow() + 8 * half];
                else if (in.resets[tokens - 1] == 0)
                    decay = exponential(in.sums[tokens - 1]);
                s[tile][2 * half] *= decay;
                s[tile][2 * half + 1] *= decay;
            }
        for (int step = 0; step < tokens / 16; ++step) {
            const auto x = rightTile(aged, column_stride, 16 * step, state_left);
            const auto y = rightTile(aged, column_stride, 16 * step, state_left + 16);
            AIRFRAME_UNROLL
            for (int m = 0; m < KT / 2; ++m) {
                const auto k = leftTileTransposed(in.keys, Size::stride, 16 * step, state_top + 16 * m);
                mmaBf16(s[4 * m], k, x[0], x[1]);
                mmaBf16(s[4 * m + 1], k, x[2], x[3]);
                mmaBf16(s[4 * m + 2], k, y[0], y[1]);
                mmaBf16(s[4 * m + 3], k, y[2], y[3]);
            }
        }
        AIRFRAME_UNROLL
        for (int tile = 0; tile < 2 * KT; ++tile)
            AIRFRAME_UNROLL
            for (int half = 0; half < 2; ++half)
                storePair(state,
                          (state_top + tile / 4 * 16 + accRow() + 8 * half) * column_stride + state_left + tile % 4 * 8 +
                              accColumn(),
                          packBf16(s[tile][2 * half], s[tile][2 * half + 1]));
        if (c.stages == 1 && chunk + 1 < c.chunks) {
            syncThreads();  // everyone has read this chunk's tiles
            fetch<KT, PerKey>(c.work, units, chunk + 1, 0);
        }
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int tile = 0; tile < 2 * KT; ++tile)
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int row = state_top + tile / 4 * 16 + accRow() + 8 * half, column = state_left + tile % 4 * 8 + accColumn();
            if (row < p.k)
                storeTwo(p.state, state_at + static_cast<std::size_t>(row) * p.v, left + column, p.v, c.even,
                         {s[tile][2 * half], s[tile][2 * half + 1]});
        }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/attention_arguments.cuh"

namespace airframe::kernels::cuda {

namespace attending {
/// A block's rows are (query, head) pairs of one key/value head, the heads of a query one after the other: a tile of
/// keys that was fetched serves all of them, and a few queries of many heads fill a tile as well as many of one.
template <int DT>
struct PrefillSizes {
    static constexpr int d = 16 * DT, stride = tileStride(d);
    static constexpr int row_tiles = DT <= 8 ? 2 : 1;    ///< of 16 rows, per warp: a tile of keys is read once for both
    static constexpr int rows = 4 * 16 * row_tiles;      ///< of a block
    static constexpr int positions = DT <= 4 ? 64 : 32;  ///< of a tile: as registers and 99 KiB of shared memory allow
    static constexpr bool hold_queries = DT <= 6;        ///< in registers; else they are read again for every tile
    static constexpr int tile_bytes = 2 * positions * stride, bytes = 4 * tile_bytes + 2 * rows * stride;
};

/// Two neighbouring elements of the output.
AIRFRAME_DEVICE void put2(Global<float> out, std::size_t at, float a, float b) {
    store2(out, at, {a, b});
}
AIRFRAME_DEVICE void put2(Global<Bf16> out, std::size_t at, float a, float b) {
    storePair(out, at, packBf16(a, b));
}
}  // namespace attending

template <int DT>
inline Grid attentionPrefillGrid(std::size_t batch, std::size_t tokens, std::size_t heads, std::size_t groups,
                                 std::size_t splits) {
    return {ceilDiv(tokens * (heads / groups), attending::PrefillSizes<DT>::rows),
            static_cast<unsigned>(batch * groups), static_cast<unsigned>(splits), attending::threads,
            attending::PrefillSizes<DT>::bytes};
}

/// Causal attention of T queries over a cache: grid (blocks of rows, B*G, splits), 128 threads. Each warp owns 16 or 32
/// rows and runs over all keys that any row of its block sees, with a running maximum per row (Dao, arXiv 2307.08691);
/// the latest rows, which see most, begin first. Queries and weights are rounded to bfloat16, sums are in float32. With
/// more than one split attentionCombine joins them.
template <int DT, class Q>
AIRFRAME_DEVICE void attentionPrefill(const AttentionArguments<Q>& p) {
    using namespace attending;
    using Size = PrefillSizes<DT>;
    constexpr int row_tiles = Size::row_tiles, columns = Size::positions / 16;
    const std::size_t batch = blockY() / p.groups, group = blockY() % p.groups;
    const int share = p.heads / p.groups, total_rows = p.tokens * share;
    const int blocks = (total_rows + Size::rows - 1) / Size::rows, first_row = (blocks - 1 - blockX()) * Size::rows;
    const int first_position = lengthOf(p, batch) - p.tokens;
    const auto positionOf = [&](int row) { return first_position + lesser(row, total_rows - 1) / share; };

    const int end = positionOf(first_row + Size::rows - 1) + 1;
    const int from = firstSeen(p, positionOf(first_row)) + blockZ() * p.span, until = lesser(from + p.span, end);
    const std::size_t k_at = batch * p.k.batch + group * p.k.head, v_at = batch * p.v.batch + group * p.v.head;
    const auto keysOf = [&](int tile) {
        return sharedArray<Bf16>(tile % 2 * 2 * Size::tile_bytes, Size::tile_bytes / 2);
    };
    const auto valuesOf = [&](int tile) {
        return sharedArray<Bf16>((tile % 2 * 2 + 1) * Size::tile_bytes, Size::tile_bytes / 2);
    };
    const auto fetch = [&](int tile) {
        fetchTile<Size>(p, k_at, v_at, from + tile * Size::positions, until - 1, keysOf(tile), valuesOf(tile));
    };
    const auto queries = sharedArray<Bf16>(4 * Size::tile_bytes, Size::rows * Size::stride);
    // Below 1: the split lies past the block's keys.
    const int tiles = (until - from + Size::positions - 1) / Size::positions;
    if (tiles > 0) {
        for (int e = threadX(); e < Size::rows * 2 * DT; e += threads) {
            const int row = e / (2 * DT), c = e % (2 * DT) * 8, unit = lesser(first_row + row, total_rows - 1);
            const std::size_t at =
                batch * p.q.batch + unit / share * p.q.row + (group * share + unit % share) * p.q.head + c;
            if constexpr (sizeof(Q) == 2) {
                copyAsync16(queries, row * Size::stride + c, p.queries, at);
            } else {
                const Float4 a = load4(p.queries, at), b = load4(p.queries, at + 4);
                storeBytes(queries, row * Size::stride + c,
                           {{packBf16(a.x, a.y), packBf16(a.z, a.w), packBf16(b.x, b.y), packBf16(b.z, b.w)}});
            }
        }
        fetch(0);
    }

    const int own = 16 * row_tiles * warp();  // the warp's first row in the block
    const int least = positionOf(first_row + own), most = positionOf(first_row + own + 16 * row_tiles - 1);
    const bool idle = first_row + own >= total_rows;
    Array<Array<Array<std::uint32_t, 4>, Size::hold_queries ? DT : 1>, row_tiles> held;
    Array<Array<Array<float, 4>, 2 * DT>, row_tiles> acc;
    Array<Array<float, 2>, row_tiles> max, sum;  // of rows accRow() and accRow() + 8; the lane's own part of the sum
    AIRFRAME_UNROLL
    for (int m = 0; m < row_tiles; ++m) {
        AIRFRAME_UNROLL
        for (int n = 0; n < 2 * DT; ++n) acc[m][n] = Array<float, 4>{{0, 0, 0, 0}};
        max[m] = Array<float, 2>{{-infinity(), -infinity()}};
        sum[m] = Array<float, 2>{{0, 0}};
    }
    for (int tile = 0; tile < tiles; ++tile) {
        const auto keys = keysOf(tile), values = valuesOf(tile);
        const int tile_from = from + tile * Size::positions;
        waitCopies<0>();
        syncThreads();  // this tile has come, and everyone has left the tile before
        if (tile + 1 < tiles) fetch(tile + 1);
        if (idle) continue;
        if constexpr (Size::hold_queries) {
            if (tile == 0) {
                AIRFRAME_UNROLL
                for (int m = 0; m < row_tiles; ++m)
                    AIRFRAME_UNROLL
                    for (int step = 0; step < DT; ++step)
                        held[m][step] = leftTile(queries, Size::stride, own + 16 * m, 16 * step);
            }
        }

        Array<Array<Array<float, 4>, 2 * columns>, row_tiles> score;
        AIRFRAME_UNROLL
        for (int m = 0; m < row_tiles; ++m)
            AIRFRAME_UNROLL
            for (int n = 0; n < 2 * columns; ++n) score[m][n] = Array<float, 4>{{0, 0, 0, 0}};
        AIRFRAME_UNROLL
        for (int step = 0; step < DT; ++step) {
            Array<Array<std::uint32_t, 4>, row_tiles> q;
            AIRFRAME_UNROLL
            for (int m = 0; m < row_tiles; ++m) {
                if constexpr (Size::hold_queries)
                    q[m] = held[m][step];
                else
                    q[m] = leftTile(queries, Size::stride, own + 16 * m, 16 * step);
            }
            AIRFRAME_UNROLL
            for (int n = 0; n < columns; ++n) {
                const auto k = rightTileTransposed(keys, Size::stride, 16 * n, 16 * step);
                AIRFRAME_UNROLL
                for (int m = 0; m < row_tiles; ++m) {
                    mmaBf16(score[m][2 * n], q[m], k[0], k[1]);
                    mmaBf16(score[m][2 * n + 1], q[m], k[2], k[3]);
                }
            }
        }
        const int tile_last = tile_from + Size::positions - 1;
        // Some row does not see all of it:
        if (tile_last > lesser(least, until - 1) || firstSeen(p, most) > tile_from) {
            AIRFRAME_UNROLL
            for (int m = 0; m < row_tiles; ++m)
                AIRFRAME_UNROLL
                for (int half = 0; half < 2; ++half) {
                    const int position = positionOf(first_row + own + 16 * m + accRow() + 8 * half);
                    const int first = firstSeen(p, position), last = lesser(position, until - 1);
                    AIRFRAME_UNROLL
                    for (int n = 0; n < 2 * columns; ++n)
                        AIRFRAME_UNROLL
                        for (int i = 0; i < 2; ++i) {
                            const int j = tile_from + 8 * n + accColumn() + i;
                            if (j < first || j > last) score[m][n][2 * half + i] = -infinity();
                        }
                }
        }
        AIRFRAME_UNROLL
        for (int m = 0; m < row_tiles; ++m) {
            Array<float, 2> old;
            AIRFRAME_UNROLL
            for (int half = 0; half < 2; ++half) {
                float top = max[m][half];
                AIRFRAME_UNROLL
                for (int n = 0; n < 2 * columns; ++n)
                    top = greater(top, greater(score[m][n][2 * half], score[m][n][2 * half + 1]));
                top = greater(top, shuffleXor(top, 1));
                top = greater(top, shuffleXor(top, 2));
                const float base = top == -infinity() ? 0.0f : top * p.scale;  // a row that has seen nothing yet
                old[half] = exponential2(max[m][half] * p.scale - base);
                max[m][half] = top;
                float more = 0;
                AIRFRAME_UNROLL
                for (int n = 0; n < 2 * columns; ++n)
                    AIRFRAME_UNROLL
                    for (int i = 0; i < 2; ++i) {
                        float& x = score[m][n][2 * half + i];
                        x = exponential2(x * p.scale - base);
                        more += x;
                    }
                sum[m][half] = sum[m][half] * old[half] + more;
            }
            if (anyLane(old[0] != 1.0f || old[1] != 1.0f)) {  // seldom after the first tiles
                AIRFRAME_UNROLL
                for (int n = 0; n < 2 * DT; ++n)
                    AIRFRAME_UNROLL
                    for (int i = 0; i < 4; ++i) acc[m][n][i] *= old[i / 2];
            }
        }
        AIRFRAME_UNROLL
        for (int n = 0; n < columns; ++n) {
            // The weights of two neighbouring 8-column tiles are, pair by pair, the left operand's registers.
            Array<Array<std::uint32_t, 4>, row_tiles> weights;
            AIRFRAME_UNROLL
            for (int m = 0; m < row_tiles; ++m) {
                const auto &a = score[m][2 * n], &b = score[m][2 * n + 1];
                weights[m] = Array<std::uint32_t, 4>{
                    {packBf16(a[0], a[1]), packBf16(a[2], a[3]), packBf16(b[0], b[1]), packBf16(b[2], b[3])}};
            }
            AIRFRAME_UNROLL
            for (int c = 0; c < DT; ++c) {
                const auto v = rightTile(values, Size::stride, 16 * n, 16 * c);
                AIRFRAME_UNROLL
                for (int m = 0; m < row_tiles; ++m) {
                    mmaBf16(acc[m][2 * c], weights[m], v[0], v[1]);
                    mmaBf16(acc[m][2 * c + 1], weights[m], v[2], v[3]);
                }
            }
        }
    }
    if (idle) return;
    AIRFRAME_UNROLL
    for (int m = 0; m < row_tiles; ++m)
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            float total = sum[m][half], top = max[m][half] * p.scale;
            total += shuffleXor(total, 1);
            total += shuffleXor(total, 2);
            const int unit = first_row + own + 16 * m + accRow() + 8 * half;
            if (unit >= total_rows) continue;
            const std::size_t head = group * share + unit % share;
            const std::size_t query = (batch * p.tokens + unit / share) * p.heads + head;
            if (!p.partial.given()) {
                float weight = 1;
                if (p.sinks.given()) {  // joins the sum of the weights and nothing else
                    const float sink = p.sinks[head] * log2_e, next = greater(top, sink);
                    weight = exponential2(top - next);
                    total = total * weight + exponential2(sink - next);
                }
                weight /= total;
                AIRFRAME_UNROLL
                for (int n = 0; n < 2 * DT; ++n)
                    put2(p.out, query * Size::d + 8 * n + accColumn(), acc[m][n][2 * half] * weight,
                         acc[m][n][2 * half + 1] * weight);
                continue;
            }
            const std::size_t at = query * p.splits + blockZ();
            if (top != -infinity())
                AIRFRAME_UNROLL
                for (int n = 0; n < 2 * DT; ++n)
                    store2(p.partial, at * Size::d + 8 * n + accColumn(),
                           {acc[m][n][2 * half], acc[m][n][2 * half + 1]});
            if (lane() % 4 == 0) store2(p.statistics, at * 2, {top, total});
        }
}

}  // namespace airframe::kernels::cuda

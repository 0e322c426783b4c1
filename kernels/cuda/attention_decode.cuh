// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/attention_arguments.cuh"

namespace airframe::kernels::cuda {

namespace attending {
inline constexpr int rows = 16;  ///< a block takes the query heads of one key/value head, at most so many

template <int DT>
struct DecodeSizes {
    static constexpr int positions = 64;  ///< of a tile: 16 per warp
    static constexpr int d = 16 * DT, stride = tileStride(d), tile_bytes = 2 * positions * stride;
    static constexpr int query_bytes = 2 * rows * stride, stage_bytes = 2 * tile_bytes;
    static constexpr int bytes = 2 * stage_bytes + query_bytes;
    // After the last tile the warps' results lie where the tiles were.
    static constexpr int sum_stride = d + 4, statistics_byte = 4 * 4 * rows * sum_stride;
    static_assert(statistics_byte + 4 * 2 * 4 * rows <= 2 * stage_bytes);
};
}  // namespace attending

template <int DT>
inline Grid attentionDecodeGrid(std::size_t batch, std::size_t groups, std::size_t splits) {
    return {static_cast<unsigned>(batch * groups), static_cast<unsigned>(splits), 1, attending::threads,
            attending::DecodeSizes<DT>::bytes};
}

/// Attention of one query per head (T = 1), H/G at most 16: grid (B*G, splits), 128 threads. Each warp runs over its own 16
/// positions of every tile of its split with its own running maximum (Dao, arXiv 2307.08691); at the end the four are
/// joined. Queries and weights are rounded to bfloat16, sums are in float32. attentionCombine joins the splits.
template <int DT, class Q>
AIRFRAME_DEVICE void attentionDecode(const AttentionArguments<Q>& p) {
    using namespace attending;
    using Size = DecodeSizes<DT>;
    const std::size_t batch = blockX() / p.groups, group = blockX() % p.groups;
    const int share = p.heads / p.groups, end = lengthOf(p, batch);
    const int from = firstSeen(p, end - 1) + blockY() * p.span, until = lesser(from + p.span, end);
    const std::size_t first_head = group * share, first_query = batch * p.heads + first_head;
    if (from >= end) {  // this sequence is shorter than the longest
        if (threadX() < share) p.statistics[((first_query + threadX()) * p.splits + blockY()) * 2] = -infinity();
        if (threadX() < share) p.statistics[((first_query + threadX()) * p.splits + blockY()) * 2 + 1] = 0;
        return;
    }
    const std::size_t k_at = batch * p.k.batch + group * p.k.head, v_at = batch * p.v.batch + group * p.v.head;
    const auto fetch = [&](int tile) {
        const int byte = tile % 2 * Size::stage_bytes;
        fetchTile<Size>(p, k_at, v_at, from + tile * Size::positions, until - 1,
                                 sharedArray<Bf16>(byte, Size::tile_bytes / 2),
                                 sharedArray<Bf16>(byte + Size::tile_bytes, Size::tile_bytes / 2));
    };
    fetch(0);
    const auto queries = sharedArray<Bf16>(2 * Size::stage_bytes, Size::query_bytes / 2);
    for (int e = threadX(); e < rows * Size::d; e += threads) {
        const int row = e / Size::d, c = e % Size::d;
        float q = 0;
        if (row < share) q = widen(p.queries[batch * p.q.batch + (first_head + row) * p.q.head + c]);
        queries[row * Size::stride + c] = narrow<Bf16>(q);
    }
    Array<Array<float, 4>, 2 * DT> acc;
    AIRFRAME_UNROLL
    for (int n = 0; n < 2 * DT; ++n) acc[n] = Array<float, 4>{{0, 0, 0, 0}};
    Array<float, 2> max{{-infinity(), -infinity()}}, sum{{0, 0}};  // of rows accRow() and accRow() + 8
    const int tiles = (until - from + Size::positions - 1) / Size::positions, own = 16 * warp();
    for (int tile = 0; tile < tiles; ++tile) {
        const int stage = tile % 2;
        const auto keys = sharedArray<Bf16>(stage * Size::stage_bytes, Size::tile_bytes / 2);
        const auto values = sharedArray<Bf16>(stage * Size::stage_bytes + Size::tile_bytes, Size::tile_bytes / 2);
        waitCopies<0>();
        syncThreads();  // this tile has come, and everyone has left the tile before
        if (tile + 1 < tiles) fetch(tile + 1);

        Array<Array<float, 4>, 2> score;
        score[0] = score[1] = Array<float, 4>{{0, 0, 0, 0}};
        for (int step = 0; step < DT; ++step) {
            const auto q = leftTile(queries, Size::stride, 0, 16 * step);
            const auto k = rightTileTransposed(keys, Size::stride, own, 16 * step);
            mmaBf16(score[0], q, k[0], k[1]);
            mmaBf16(score[1], q, k[2], k[3]);
        }
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            float top = max[half];
            AIRFRAME_UNROLL
            for (int n = 0; n < 2; ++n)
                AIRFRAME_UNROLL
                for (int i = 0; i < 2; ++i) {
                    float& x = score[n][2 * half + i];
                    const int position = from + tile * Size::positions + own + 8 * n + accColumn() + i;
                    x = position < until ? x * p.scale : -infinity();
                    top = greater(top, x);
                }
            top = greater(top, shuffleXor(top, 1));
            top = greater(top, shuffleXor(top, 2));
            const float old = weightOf(max[half], top);
            max[half] = top;
            float more = 0;
            AIRFRAME_UNROLL
            for (int n = 0; n < 2; ++n)
                AIRFRAME_UNROLL
                for (int i = 0; i < 2; ++i) {
                    float& x = score[n][2 * half + i];
                    x = weightOf(x, top);
                    more += x;
                }
            more += shuffleXor(more, 1);
            more += shuffleXor(more, 2);
            sum[half] = sum[half] * old + more;
            AIRFRAME_UNROLL
            for (int n = 0; n < 2 * DT; ++n) {
                acc[n][2 * half] *= old;
                acc[n][2 * half + 1] *= old;
            }
        }
        // The weights of two neighbouring 8-column tiles are, pair by pair, the left operand's registers.
        const Array<std::uint32_t, 4> weights{{packBf16(score[0][0], score[0][1]), packBf16(score[0][2], score[0][3]),
                                               packBf16(score[1][0], score[1][1]), packBf16(score[1][2], score[1][3])}};
        AIRFRAME_UNROLL
        for (int n = 0; n < DT; ++n) {
            const auto v = rightTile(values, Size::stride, own, 16 * n);
            mmaBf16(acc[2 * n], weights, v[0], v[1]);
            mmaBf16(acc[2 * n + 1], weights, v[2], v[3]);
        }
    }
    syncThreads();  // the tiles have been read: the results take their place
    const auto sums = sharedArray<float>(0, 4 * rows * Size::sum_stride);
    const auto statistics = sharedArray<float>(Size::statistics_byte, 2 * 4 * rows);  // [warp, row, 2]
    AIRFRAME_UNROLL
    for (int half = 0; half < 2; ++half) {
        const int row = 16 * warp() + accRow() + 8 * half;
        AIRFRAME_UNROLL
        for (int n = 0; n < 2 * DT; ++n)
            store2(sums, row * Size::sum_stride + 8 * n + accColumn(), {acc[n][2 * half], acc[n][2 * half + 1]});
        if (lane() % 4 == 0) store2(statistics, row * 2, {max[half], sum[half]});
    }
    syncThreads();
    for (int e = threadX(); e < share * Size::d; e += threads) {
        const int row = e / Size::d, c = e % Size::d;
        float top = -infinity(), total = 0, value = 0;
        AIRFRAME_UNROLL
        for (int w = 0; w < 4; ++w) top = greater<float>(top, statistics[(16 * w + row) * 2]);
        AIRFRAME_UNROLL
        for (int w = 0; w < 4; ++w) {
            const float weight = weightOf(statistics[(16 * w + row) * 2], top);
            total += weight * statistics[(16 * w + row) * 2 + 1];
            value += weight * sums[(16 * w + row) * Size::sum_stride + c];
        }
        const std::size_t at = (first_query + row) * p.splits + blockY();
        p.partial[at * Size::d + c] = value;
        if (c == 0) {
            p.statistics[at * 2] = top;
            p.statistics[at * 2 + 1] = total;
        }
    }
}

}  // namespace airframe::kernels::cuda

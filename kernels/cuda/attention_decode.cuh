// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/tiles.cuh"

namespace airframe::kernels::cuda {

/// One query per head over a cache: B batch, H query heads, G key/value heads (H/G at most 16), d = 16*DT head dimension.
struct AttentionArguments {
    int heads = 0, kv_heads = 0, capacity = 0;  ///< H, G, positions that the cache has room for
    int begin = 0, end = 0;                     ///< the positions that are looked at: a window, or all
    int span = 0, splits = 0;                   ///< positions of a split, a multiple of 64, and how many splits
    float scale = 1;
    Global<const float> queries;          ///< [B, H, d]
    Global<const Bf16> keys, values;      ///< [B, G, capacity, d]
    Global<float> partial, statistics;    ///< [B, H, splits, d] sums of exp(x - max) v; [B, H, splits, 2] max and sum
    Global<float> out;                    ///< [B, H, d]
};

namespace attention {
inline constexpr int threads = 128, rows = 16;  ///< a block takes the query heads of one key/value head as 16 rows
inline constexpr int positions = 64;            ///< of a tile: 16 per warp

template <int DT>
struct Sizes {
    static constexpr int d = 16 * DT, stride = tileStride(d), tile_bytes = 2 * positions * stride;
    static constexpr int query_bytes = 2 * rows * stride, stage_bytes = 2 * tile_bytes;
    static constexpr int bytes = 2 * stage_bytes + query_bytes;
    // After the last tile the warps' results lie where the tiles were.
    static constexpr int sum_stride = d + 4, statistics_byte = 4 * 4 * rows * sum_stride;
    static_assert(statistics_byte + 4 * 2 * 4 * rows <= 2 * stage_bytes);
};

/// Starts copying positions `from`.. of one key/value head; past the end the last one again, which nobody counts.
template <int DT>
AIRFRAME_DEVICE void fetch(const AttentionArguments& p, std::size_t pair, int from, int stage) {
    using Size = Sizes<DT>;
    const auto keys = sharedArray<Bf16>(stage * Size::stage_bytes, Size::tile_bytes / 2);
    const auto values = sharedArray<Bf16>(stage * Size::stage_bytes + Size::tile_bytes, Size::tile_bytes / 2);
    for (int e = threadX(); e < positions * 2 * DT; e += threads) {
        const int row = e / (2 * DT), c = e % (2 * DT) * 8;
        const std::size_t position = from + row < p.end ? from + row : p.end - 1;
        const std::size_t at = (pair * p.capacity + position) * Size::d + c;
        copyAsync16(keys, row * Size::stride + c, p.keys, at);
        copyAsync16(values, row * Size::stride + c, p.values, at);
    }
    commitCopies();
}
AIRFRAME_DEVICE float greater(float a, float b) { return a > b ? a : b; }
/// exp(x - max), and zero where nothing has been seen yet.
AIRFRAME_DEVICE float weightOf(float x, float max) { return x == -infinity() ? 0.0f : exponential(x - max); }
}  // namespace attention

template <int DT>
inline Grid attentionSplitsGrid(std::size_t batch, std::size_t kv_heads, std::size_t splits) {
    return {static_cast<unsigned>(batch * kv_heads), static_cast<unsigned>(splits), 1, attention::threads, attention::Sizes<DT>::bytes};
}
inline Grid attentionCombineGrid(std::size_t batch, std::size_t heads) {
    return {static_cast<unsigned>(batch * heads), 1, 1, attention::threads, 0};
}

/// The first kernel: grid (B*G, splits), 128 threads. Each warp runs over its own 16 positions of every tile of its split
/// with its own running maximum (Dao, arXiv 2307.08691); at the end the four are joined. Queries and weights are rounded
/// to bfloat16, sums are in float32.
template <int DT>
AIRFRAME_DEVICE void attentionSplits(const AttentionArguments& p) {
    using namespace attention;
    using Size = Sizes<DT>;
    const std::size_t pair = blockX(), batch = pair / p.kv_heads, kv_head = pair % p.kv_heads;
    const int group = p.heads / p.kv_heads, from = p.begin + blockY() * p.span;
    const int until = from + p.span < p.end ? from + p.span : p.end;
    const auto queries = sharedArray<Bf16>(2 * Size::stage_bytes, Size::query_bytes / 2);
    const std::size_t first_head = batch * p.heads + kv_head * group;
    fetch<DT>(p, pair, from, 0);
    for (int e = threadX(); e < rows * Size::d; e += threads) {
        const int row = e / Size::d, c = e % Size::d;
        float q = 0;
        if (row < group) q = p.queries[(first_head + row) * Size::d + c];
        queries[row * Size::stride + c] = narrow<Bf16>(q);
    }
    Array<Array<float, 4>, 2 * DT> acc;
    AIRFRAME_UNROLL
    for (int n = 0; n < 2 * DT; ++n) acc[n] = Array<float, 4>{{0, 0, 0, 0}};
    Array<float, 2> max{{-infinity(), -infinity()}}, sum{{0, 0}};  // of rows accRow() and accRow() + 8
    const int tiles = (until - from + positions - 1) / positions, own = 16 * warp();
    for (int tile = 0; tile < tiles; ++tile) {
        const int stage = tile % 2;
        const auto keys = sharedArray<Bf16>(stage * Size::stage_bytes, Size::tile_bytes / 2);
        const auto values = sharedArray<Bf16>(stage * Size::stage_bytes + Size::tile_bytes, Size::tile_bytes / 2);
        waitCopies<0>();
        syncThreads();  // this tile has come, and everyone has left the tile before
        if (tile + 1 < tiles) fetch<DT>(p, pair, from + (tile + 1) * positions, 1 - stage);

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
                    const int position = from + tile * positions + own + 8 * n + accColumn() + i;
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
    for (int e = threadX(); e < group * Size::d; e += threads) {
        const int row = e / Size::d, c = e % Size::d;
        float top = -infinity(), total = 0, value = 0;
        AIRFRAME_UNROLL
        for (int w = 0; w < 4; ++w) top = greater(top, statistics[(16 * w + row) * 2]);
        AIRFRAME_UNROLL
        for (int w = 0; w < 4; ++w) {
            const float weight = weightOf(statistics[(16 * w + row) * 2], top);
            total += weight * statistics[(16 * w + row) * 2 + 1];
            value += weight * sums[(16 * w + row) * Size::sum_stride + c];
        }
        const std::size_t at = (first_head + row) * p.splits + blockY();
        p.partial[at * Size::d + c] = value;
        if (c == 0) {
            p.statistics[at * 2] = top;
            p.statistics[at * 2 + 1] = total;
        }
    }
}

/// The second kernel: joins the splits of one query head per block.
template <int DT>
AIRFRAME_DEVICE void attentionCombine(const AttentionArguments& p) {
    using namespace attention;
    const std::size_t head = blockX();
    constexpr int d = Sizes<DT>::d;
    if (threadX() >= d) return;
    float top = -infinity(), total = 0, value = 0;
    for (int split = 0; split < p.splits; ++split) top = greater(top, p.statistics[(head * p.splits + split) * 2]);
    for (int split = 0; split < p.splits; ++split) {
        const std::size_t at = head * p.splits + split;
        const float weight = weightOf(p.statistics[at * 2], top);
        total += weight * p.statistics[at * 2 + 1];
        value += weight * p.partial[at * d + threadX()];
    }
    p.out[head * d + threadX()] = value / total;
}

}  // namespace airframe::kernels::cuda

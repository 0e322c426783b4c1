// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/quantized_vector_plan.h"

namespace airframe::kernels::cuda {

/// y (+)= x W^T for R rows of x, which are float or Bf16, all in float32.
template <class X>
struct QuantizedVectorArguments {
    QuantizedRows weight;            ///< [N, K]
    int rows = 0;                    ///< R
    int lanes = 32, tile_steps = 1;  ///< quantizedVectorLanes, quantizedVectorTileSteps
    bool add = false;                ///< y += instead of y =
    std::size_t x_stride = 0, y_stride = 0;
    Global<const X> x;  ///< [R, K]
    Global<float> y;    ///< [R, N]
};

template <WeightType W, int XRows, class X>
[[nodiscard]] Grid quantizedVectorGrid(const QuantizedVectorArguments<X>& p) {
    using Format = quantized::Format<W>;
    const std::size_t x_floats =
        static_cast<std::size_t>(XRows * p.tile_steps * p.lanes * (Format::chunk + Format::minimum));
    return {ceilDiv(static_cast<std::size_t>(p.rows), XRows),
            ceilDiv(static_cast<std::size_t>(p.weight.rows), quantized::blockRows(p.lanes)), 1,
            quantized::vector_threads, 4 * x_floats};
}

/// Grid (ceil(R / XRows), blocks of weight rows), 128 threads: XRows is 1 or quantized::x_rows. A lane takes 16 bytes
/// of four rows at a time: half a block of q8_0, a block of 4 bits, eight other values; the next ones are on their way
/// meanwhile. sum (d n + m) x = d sum n x + m sum x.
template <WeightType W, int XRows, class X>
AIRFRAME_DEVICE void quantizedVector(const QuantizedVectorArguments<X>& p) {
    using namespace quantized;
    constexpr int chunk = Format<W>::chunk, parts = chunk / 4, rows = vector_rows;
    const int chunks = p.weight.columns / chunk, own = threadX() % p.lanes;
    const int first = (blockY() * (vector_threads / p.lanes) + threadX() / p.lanes) * rows, first_x = blockX() * XRows;
    // x in shared memory, [XRows, parts, chunks of a tile] of four values, so that neighbouring lanes read neighbouring
    // ones, and the sums of its chunks for the minimum's sake.
    const int tile_chunks = p.tile_steps * p.lanes;
    const auto x_tile = sharedArray<float>(0, XRows * chunk * tile_chunks);
    const auto x_sums = sharedArray<float>(4 * XRows * chunk * tile_chunks, Format<W>::minimum * XRows * tile_chunks);
    Array<Array<std::uint32_t, 4>, rows> next_words;
    Array<std::uint32_t, rows> next_scales;
    AIRFRAME_UNROLL
    for (int r = 0; r < rows; ++r) {
        next_words[r] = Array<std::uint32_t, 4>{{0, 0, 0, 0}};
        next_scales[r] = 0;
    }
    // Rows past the last one, of W and of x, are that one again; what becomes of them is not stored.
    const auto fetch = [&](int c) {
        if (c >= chunks) return;
        AIRFRAME_UNROLL
        for (int r = 0; r < rows; ++r) {
            const std::size_t row = first + r < p.weight.rows ? first + r : p.weight.rows - 1;
            next_words[r] = loadChunk<W>(p.weight, row, c * chunk);
            next_scales[r] = loadScaleBits<W>(p.weight, row, c * chunk);
        }
    };
    const auto stage = [&](int first_chunk) {
        for (int e = threadX(); e < XRows * tile_chunks; e += vector_threads) {
            const int j = e / tile_chunks, in_tile = e % tile_chunks, c = first_chunk + in_tile;
            if (c < chunks) {
                const std::size_t row = first_x + j < p.rows ? first_x + j : p.rows - 1;
                float all = 0;
                AIRFRAME_UNROLL
                for (int i = 0; i < parts; ++i) {
                    const Float4 x = load4(p.x, row * p.x_stride + c * chunk + 4 * i);
                    store4(x_tile, 4 * ((j * parts + i) * tile_chunks + in_tile), x);
                    all += x.x + x.y + x.z + x.w;
                }
                if constexpr (Format<W>::minimum) x_sums[e] = all;
            }
        }
    };
    Array<Array<float, rows>, XRows> sum;
    AIRFRAME_UNROLL
    for (int j = 0; j < XRows; ++j) sum[j] = Array<float, rows>{{0, 0, 0, 0}};
    fetch(own);
    for (int tile = 0; tile < chunks; tile += tile_chunks) {
        syncThreads();  // everyone has left the tile before
        stage(tile);
        syncThreads();
        for (int step = 0; step < p.tile_steps; ++step) {
            const int in_tile = step * p.lanes + own;
            if (tile + in_tile >= chunks) break;
            const auto words = next_words;
            const auto scales = next_scales;
            fetch(tile + in_tile + p.lanes);
            Array<Array<float, rows>, XRows> product;
            AIRFRAME_UNROLL
            for (int j = 0; j < XRows; ++j) product[j] = Array<float, rows>{{0, 0, 0, 0}};
            AIRFRAME_UNROLL
            for (int i = 0; i < parts; ++i) {
                Array<Array<float, 4>, rows> number;
                AIRFRAME_UNROLL
                for (int r = 0; r < rows; ++r)
                    AIRFRAME_UNROLL
                    for (int k = 0; k < 4; ++k) number[r][k] = numberOf<W>(words[r], 4 * i + k);
                AIRFRAME_UNROLL
                for (int j = 0; j < XRows; ++j) {
                    const Float4 x = load4(x_tile, 4 * ((j * parts + i) * tile_chunks + in_tile));
                    AIRFRAME_UNROLL
                    for (int r = 0; r < rows; ++r)
                        product[j][r] +=
                            x.x * number[r][0] + x.y * number[r][1] + x.z * number[r][2] + x.w * number[r][3];
                }
            }
            AIRFRAME_UNROLL
            for (int j = 0; j < XRows; ++j)
                AIRFRAME_UNROLL
                for (int r = 0; r < rows; ++r) {
                    const Scale scale = scaleOf<W>(scales[r]);
                    sum[j][r] += scale.scale * product[j][r];
                    if constexpr (Format<W>::minimum) sum[j][r] += scale.minimum * x_sums[j * tile_chunks + in_tile];
                }
        }
    }
    AIRFRAME_UNROLL
    for (int by = 16; by > 0; by /= 2) {
        if (by < p.lanes) {
            AIRFRAME_UNROLL
            for (int j = 0; j < XRows; ++j)
                AIRFRAME_UNROLL
                for (int r = 0; r < rows; ++r) sum[j][r] += shuffleXor(sum[j][r], by);
        }
    }
    if (p.lanes > 32) {  // the warps that share rows
        const auto sums = sharedArray<float>(0, vector_threads / 32 * XRows * rows);
        syncThreads();  // x has been read: the sums take its place
        if (lane() == 0)
            AIRFRAME_UNROLL
            for (int j = 0; j < XRows; ++j)
                store4(sums, (warp() * XRows + j) * rows, {sum[j][0], sum[j][1], sum[j][2], sum[j][3]});
        syncThreads();
        if (own == 0)
            for (int w = warp() + 1; w < warp() + p.lanes / 32; ++w)
                AIRFRAME_UNROLL
                for (int j = 0; j < XRows; ++j)
                    AIRFRAME_UNROLL
                    for (int r = 0; r < rows; ++r) sum[j][r] += sums[(w * XRows + j) * rows + r];
    }
    if (own != 0) return;
    AIRFRAME_UNROLL
    for (int j = 0; j < XRows; ++j)
        AIRFRAME_UNROLL
        for (int r = 0; r < rows; ++r) {
            if (first_x + j >= p.rows || first + r >= p.weight.rows) continue;
            const std::size_t at = (first_x + j) * p.y_stride + first + r;
            float y = sum[j][r];
            if (p.add) y += p.y[at];
            p.y[at] = y;
        }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/quantized_format.cuh"
#include "kernels/cuda/tiles.cuh"

namespace airframe::kernels::cuda {

/// y (+)= x W^T for R rows of bfloat16 activations.
struct QuantizedMatrixArguments {
    QuantizedRows weight;  ///< [N, K]
    int rows = 0;          ///< R
    bool add = false;      ///< y += instead of y =
    std::size_t x_stride = 0, y_stride = 0;
    Global<const Bf16> x;  ///< [R, K]
    Global<float> y;       ///< [R, N]
};

namespace quantized {
inline constexpr int matrix_threads = 128;

/// How a block of four warps divides its tile of y: each warp 16 XTiles rows by 16 WTiles columns, `Across` of them
/// side by side over the rows. A step takes Depth columns of x and W, a multiple of 32: the more, the more bytes are on
/// their way when there are few blocks.
template <int XTiles, int WTiles, int Across, int Depth>
struct Tiling {
    static constexpr int x_tiles = XTiles, w_tiles = WTiles, across = Across, depth = Depth;
    static constexpr int rows = 16 * XTiles * Across, columns = 16 * WTiles * (4 / Across);
    static constexpr int stride = tileStride(depth), x_bytes = 2 * rows * stride, w_bytes = 2 * columns * stride;
    static constexpr int stage_bytes = x_bytes + w_bytes, bytes = 2 * stage_bytes;
};
using WideTiling = Tiling<4, 4, 2, 64>;     ///< 128 x 128: for prompts
using NarrowTiling = Tiling<2, 1, 1, 128>;  ///< 32 x 64: where there are too few wide tiles for the multiprocessors
using SmallTiling = Tiling<1, 1, 2, 256>;   ///< 32 x 32: where there are too few of those as well
}  // namespace quantized

template <class Tiling>
inline Grid quantizedMatrixGrid(std::size_t weight_rows, std::size_t x_rows) {
    return {ceilDiv(weight_rows, Tiling::columns), ceilDiv(x_rows, Tiling::rows), 1, quantized::matrix_threads,
            Tiling::bytes};
}

/// Grid (tiles of N, tiles of R), 128 threads. While the tensor cores work on one step, the next one's activations are
/// on their way to shared memory and its weights to registers; those become bfloat16 on their way to shared memory:
/// each value d n + m is rounded once, sums are in float32.
template <WeightType W, class Tiling>
AIRFRAME_DEVICE void quantizedMatrix(const QuantizedMatrixArguments& p) {
    using namespace quantized;
    constexpr int chunk = Format<W>::chunk, depth = Tiling::depth, row_chunks = depth / chunk,
                  held = Tiling::columns * row_chunks / matrix_threads;
    const int first_row = blockY() * Tiling::rows, first_column = blockX() * Tiling::columns, k = p.weight.columns;
    const auto xTile = [&](int step) { return sharedArray<Bf16>(step % 2 * Tiling::stage_bytes, Tiling::x_bytes / 2); };
    const auto wTile = [&](int step) {
        return sharedArray<Bf16>(step % 2 * Tiling::stage_bytes + Tiling::x_bytes, Tiling::w_bytes / 2);
    };
    Array<Array<std::uint32_t, 4>, held> words;
    Array<Scale, held> scales;
    AIRFRAME_UNROLL
    for (int i = 0; i < held; ++i) words[i] = Array<std::uint32_t, 4>{{0, 0, 0, 0}};
    // Rows past the last one are that one again; what becomes of them is not stored. The last step may have fewer
    // columns: no others are fetched, and nobody multiplies what stands in their place.
    const auto fetch = [&](int step) {
        for (int e = threadX(); e < Tiling::rows * (depth / 8); e += matrix_threads) {
            const int row = e / (depth / 8), c = e % (depth / 8) * 8, from = first_row + row;
            const std::size_t at = from < p.rows ? from : p.rows - 1;
            if (step * depth + c < k)
                copyAsync16(xTile(step), row * Tiling::stride + c, p.x, at * p.x_stride + step * depth + c);
        }
        commitCopies();
        AIRFRAME_UNROLL
        for (int i = 0; i < held; ++i) {
            const int e = threadX() + i * matrix_threads, c = step * depth + e % row_chunks * chunk;
            const int from = first_column + e / row_chunks;
            const std::size_t at = from < p.weight.rows ? from : p.weight.rows - 1;
            if (c < k) {
                words[i] = loadChunk<W>(p.weight, at, c);
                scales[i] = loadScale<W>(p.weight, at, c);
            }
        }
    };
    const auto unpack = [&](int step) {
        AIRFRAME_UNROLL
        for (int i = 0; i < held; ++i) {
            const int e = threadX() + i * matrix_threads, c = e % row_chunks * chunk;
            AIRFRAME_UNROLL
            for (int part = 0; part < chunk / 8; ++part) {
                Array<std::uint32_t, 4> eight;
                AIRFRAME_UNROLL
                for (int j = 0; j < 4; ++j) {
                    const float a = numberOf<W>(words[i], 8 * part + 2 * j),
                                b = numberOf<W>(words[i], 8 * part + 2 * j + 1);
                    eight[j] =
                        packBf16(a * scales[i].scale + scales[i].minimum, b * scales[i].scale + scales[i].minimum);
                }
                storeBytes(wTile(step), e / row_chunks * Tiling::stride + c + 8 * part, eight);
            }
        }
    };
    const int own_row = 16 * Tiling::x_tiles * (warp() % Tiling::across),
              own_column = 16 * Tiling::w_tiles * (warp() / Tiling::across);
    Array<Array<Array<float, 4>, 2 * Tiling::w_tiles>, Tiling::x_tiles> acc;
    AIRFRAME_UNROLL
    for (int m = 0; m < Tiling::x_tiles; ++m)
        AIRFRAME_UNROLL
        for (int n = 0; n < 2 * Tiling::w_tiles; ++n) acc[m][n] = Array<float, 4>{{0, 0, 0, 0}};
    const int steps = (k + depth - 1) / depth;
    fetch(0);
    unpack(0);
    for (int step = 0; step < steps; ++step) {
        waitCopies<0>();
        syncThreads();    // this step's tiles are there, and everyone has left those of the step before
        fetch(step + 1);  // past the last step there are no columns
        const auto x = xTile(step), w = wTile(step);
        AIRFRAME_UNROLL
        for (int c = 0; c < depth; c += 16) {
            if (step * depth + c == k) break;  // there are no more columns
            Array<Array<std::uint32_t, 4>, Tiling::x_tiles> left;
            AIRFRAME_UNROLL
            for (int m = 0; m < Tiling::x_tiles; ++m) left[m] = leftTile(x, Tiling::stride, own_row + 16 * m, c);
            AIRFRAME_UNROLL
            for (int n = 0; n < Tiling::w_tiles; ++n) {
                const auto right = rightTileTransposed(w, Tiling::stride, own_column + 16 * n, c);
                AIRFRAME_UNROLL
                for (int m = 0; m < Tiling::x_tiles; ++m) {
                    mmaBf16(acc[m][2 * n], left[m], right[0], right[1]);
                    mmaBf16(acc[m][2 * n + 1], left[m], right[2], right[3]);
                }
            }
        }
        if (step + 1 < steps) unpack(step + 1);
    }
    AIRFRAME_UNROLL
    for (int m = 0; m < Tiling::x_tiles; ++m)
        AIRFRAME_UNROLL
        for (int n = 0; n < 2 * Tiling::w_tiles; ++n)
            AIRFRAME_UNROLL
            for (int i = 0; i < 4; ++i) {
                const int row = first_row + own_row + 16 * m + accRow() + i / 2 * 8;
                const int column = first_column + own_column + 8 * n + accColumn() + i % 2;
                if (row >= p.rows || column >= p.weight.rows) continue;
                const std::size_t at = row * p.y_stride + column;
                float y = acc[m][n][i];
                if (p.add) y += p.y[at];
                p.y[at] = y;
            }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/quantized_format.cuh"

// How the vector kernel (quantized_vector.cuh) divides a weight [N, K] among blocks and lanes.

namespace airframe::kernels::cuda {

namespace quantized {
inline constexpr int vector_threads = 128;
inline constexpr int vector_rows = 4;  ///< weight rows of a lane: each part of x that is read is used as often
inline constexpr int x_rows = 4;       ///< rows of x of a block, if there is more than one

/// Weight rows of a block when `lanes` lanes share one.
[[nodiscard]] constexpr std::size_t blockRows(int lanes) {
    return static_cast<std::size_t>(vector_threads / lanes * vector_rows);
}
}  // namespace quantized

/// Lanes that share a row, a power of two: as few as give two blocks per multiprocessor, so that few stand idle at a
/// row's end and all weights are on their way at once. It does not depend on R, so neither does a bit of the result.
template <WeightType W>
[[nodiscard]] int quantizedVectorLanes(std::size_t weight_rows, std::size_t columns, std::size_t multiprocessors) {
    int lanes = 8;
    while (lanes < quantized::vector_threads &&
           static_cast<std::size_t>(lanes) * quantized::Format<W>::chunk < columns &&
           ceilDiv(weight_rows, quantized::blockRows(lanes)) < 2 * multiprocessors)
        lanes *= 2;
    return lanes;
}
/// Steps, of a chunk per lane, whose part of x is in shared memory at a time: of 2,048 columns, or a single one.
template <WeightType W>
[[nodiscard]] int quantizedVectorTileSteps(std::size_t columns, int lanes) {
    const std::size_t step = static_cast<std::size_t>(lanes) * quantized::Format<W>::chunk;
    const std::size_t steps = ceilDiv(columns, step), fit = step < 2048 ? 2048 / step : 1;
    return static_cast<int>(steps < fit ? steps : fit);
}
}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/quantized_format.cuh"

namespace airframe::kernels::cuda {

/// Rows of a weight as T = float or Bf16.
template <class T>
struct EmbeddingArguments {
    QuantizedRows weight;             ///< [N, K]
    int count = 0;                    ///< R
    Global<const std::int32_t> rows;  ///< [R] 0 to N - 1
    Global<T> out;                    ///< [R, K]
};

namespace quantized {
inline constexpr int embedding_threads = 128;
}

template <WeightType W>
inline Grid embeddingGrid(std::size_t count, std::size_t columns) {
    return {ceilDiv(count * (columns / quantized::Format<W>::chunk), quantized::embedding_threads), 1, 1,
            quantized::embedding_threads, 0};
}

/// out_r = W_rows(r). A thread unpacks 16 bytes. A row that the weight does not have is all NaN, which the caller
/// notices, instead of memory that is not the weight's.
template <WeightType W, class T>
AIRFRAME_DEVICE void embedding(const EmbeddingArguments<T>& p) {
    using namespace quantized;
    constexpr int chunk = Format<W>::chunk;
    const std::size_t row_chunks = p.weight.columns / chunk;
    const std::size_t unit = static_cast<std::size_t>(blockX()) * embedding_threads + threadX();
    if (unit >= p.count * row_chunks) return;
    const int row = p.rows[unit / row_chunks], column = static_cast<int>(unit % row_chunks) * chunk;
    const bool there = row >= 0 && row < p.weight.rows;
    const std::size_t from = there ? row : 0;
    const auto words = loadChunk<W>(p.weight, from, column);
    Scale scale = loadScale<W>(p.weight, from, column);
    if (!there) scale.minimum = infinity() - infinity();
    AIRFRAME_UNROLL
    for (int i = 0; i < chunk; i += 4) {
        Array<float, 4> x;
        AIRFRAME_UNROLL
        for (int j = 0; j < 4; ++j) x[j] = numberOf<W>(words, i + j) * scale.scale + scale.minimum;
        store4(p.out, unit / row_chunks * p.weight.columns + column + i, {x[0], x[1], x[2], x[3]});
    }
}

}  // namespace airframe::kernels::cuda

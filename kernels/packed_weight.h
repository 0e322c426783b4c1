// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/aligned_vector.h"
#include "kernels/weight_format.h"

namespace airframe::kernels {

/// Rows as they lie in a file or in memory, to be packed: `count` rows of weightRowBytes(type, k) bytes each.
struct WeightRows {
    const void* data = nullptr;
    std::size_t count = 0;
};

/// A weight matrix [N, K] in the order that the matrix products read it, from front to back, each value kept exactly as
/// stored. 32 rows form a unit, one row per lane; within it values go by pairs of columns, as the bf16 dot product wants
/// them. Quantised values are split into planes of 4 bits (where hasBytes(type) two: low halves, high halves).
///
/// A quantised unit is [K/32] blocks of: planes [planes, 4, 32 lanes] of 32-bit words, where word (p, z, lane) holds in
/// its 8 nibbles the columns 8 z + {0, 2, 4, 6} (low 16 bits, lowest nibble first) and + {1, 3, 5, 7} (high 16 bits); then
/// the scales d [scalesOf(type), 32] float16 and, where hasMinimum(type), the minima m [scalesOf(type), 32] float16.
/// Unquantised: [K'/2, 32 lanes, 2 columns], K' = K rounded up to 32. Immutable after packing; any thread may read.
class PackedWeight {
  public:
    static constexpr std::size_t lanes = 32;  ///< rows of a unit

    PackedWeight() = default;
    /// Packs the rows of several matrices of the same type and width one after the other (queries, keys, values; gate,
    /// up). Throws std::invalid_argument for no rows, no columns or, quantised, columns that are no multiple of 32.
    PackedWeight(WeightType type, std::size_t k, std::span<const WeightRows> parts);

    [[nodiscard]] WeightType type() const { return m_type; }
    [[nodiscard]] std::size_t rows() const { return m_rows; }        ///< N
    [[nodiscard]] std::size_t columns() const { return m_columns; }  ///< K
    [[nodiscard]] std::size_t units() const { return (m_rows + lanes - 1) / lanes; }
    [[nodiscard]] std::size_t blocks() const { return (m_columns + weight_block - 1) / weight_block; }
    [[nodiscard]] std::size_t planes() const { return hasBytes(m_type) ? 2 : 1; }
    [[nodiscard]] std::size_t bytes() const { return units() * blocks() * m_block_bytes; }
    /// Block `b` (columns 32 b ...) of unit `u`; every block is a multiple of 64 bytes and aligned to that.
    [[nodiscard]] const std::byte* block(std::size_t u, std::size_t b) const { return m_data.data() + (u * blocks() + b) * m_block_bytes; }
    [[nodiscard]] std::size_t blockBytes() const { return m_block_bytes; }
    /// Row `row` as float32, K values: an embedding lookup, and what the packed form is checked by.
    void dequantizeRow(std::size_t row, float* out) const;

  private:
    void packRow(std::size_t row, const std::byte* from);

    WeightType m_type = WeightType::float32;
    std::size_t m_rows = 0, m_columns = 0, m_block_bytes = 0;
    AlignedVector<std::byte> m_data;
};

}  // namespace airframe::kernels

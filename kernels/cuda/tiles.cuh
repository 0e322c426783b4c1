// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"

// Tensor-core operands from tiles in shared memory. A tile's row begins every `stride` elements, a multiple of 8 that is
// odd in units of 16 bytes: eight rows of an 8x8 matrix then lie in different banks.

namespace airframe::kernels::cuda {

/// Stride of a tile of `columns` (a multiple of 16) bfloat16 per row.
[[nodiscard]] constexpr int tileStride(int columns) { return columns + 8; }

/// Rows `row`.. of a tile [m, k] as the left operand of a product, columns `k`..
AIRFRAME_DEVICE Array<std::uint32_t, 4> leftTile(Shared<Bf16> tile, int stride, int row, int k) {
    return ldmatrix(tile, (row + lane() % 16) * stride + k + lane() / 16 * 8);
}
/// The left operand from a tile that lies transposed, [k, m].
AIRFRAME_DEVICE Array<std::uint32_t, 4> leftTileTransposed(Shared<Bf16> tile, int stride, int k, int row) {
    return ldmatrixTrans(tile, (k + lane() % 8 + lane() / 16 * 8) * stride + row + lane() / 8 % 2 * 8);
}
/// Sixteen columns of the right operand from a tile [k, n]: registers 0 and 1 are the first eight, 2 and 3 the others.
AIRFRAME_DEVICE Array<std::uint32_t, 4> rightTile(Shared<Bf16> tile, int stride, int k, int column) {
    return ldmatrixTrans(tile, (k + lane() % 16) * stride + column + lane() / 16 * 8);
}
/// The same from a tile that lies transposed, [n, k].
AIRFRAME_DEVICE Array<std::uint32_t, 4> rightTileTransposed(Shared<Bf16> tile, int stride, int column, int k) {
    return ldmatrix(tile, (column + lane() % 8 + lane() / 16 * 8) * stride + k + lane() / 8 % 2 * 8);
}
/// Where the lane's values of a product [16, 8] stand: values 0 and 1 in row accRow(), columns accColumn() and the next;
/// values 2 and 3 eight rows below.
AIRFRAME_DEVICE int accRow() { return lane() / 4; }
AIRFRAME_DEVICE int accColumn() { return lane() % 4 * 2; }

}  // namespace airframe::kernels::cuda

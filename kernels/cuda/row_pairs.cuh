// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"

// Two neighbours of a row of `count` elements, as a lane of a tensor-core product holds them; zero beyond the row's end.
// `even`: rows begin at multiples of two elements.

namespace airframe::kernels::cuda {

template <class T>
AIRFRAME_DEVICE Float2 loadTwo(Global<const T> from, std::size_t row, int column, int count, bool even) {
    if (even && column < count) return load2(from, row + column);
    Float2 x{0, 0};
    if (column < count) x.x = widen(from[row + column]);
    if (column + 1 < count) x.y = widen(from[row + column + 1]);
    return x;
}
template <class T>
AIRFRAME_DEVICE void storeTwo(Global<T> to, std::size_t row, int column, int count, bool even, Float2 x) {
    if (even) {
        if (column < count) store2(to, row + column, x);
        return;
    }
    if (column < count) to[row + column] = narrow<T>(x.x);
    if (column + 1 < count) to[row + column + 1] = narrow<T>(x.y);
}

}  // namespace airframe::kernels::cuda

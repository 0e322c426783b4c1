// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"

// A recurrent state [K, V] in a warp's registers: lane l holds the rows l/L, l/L + 32/L, ... of the four columns from
// 4*(l % L) on. What is summed over rows is summed over the lanes of equal l % L.

namespace airframe::kernels::cuda {

/// Four elements of a row of `count`, zero beyond its end. `wide`: rows begin at multiples of four elements.
template <class T>
AIRFRAME_DEVICE Float4 loadColumns(Global<const T> from, std::size_t row, int column, int count, bool wide) {
    if (wide && column < count) return load4(from, row + column);
    Float4 x{0, 0, 0, 0};
    if (column < count) x.x = widen(from[row + column]);
    if (column + 1 < count) x.y = widen(from[row + column + 1]);
    if (column + 2 < count) x.z = widen(from[row + column + 2]);
    if (column + 3 < count) x.w = widen(from[row + column + 3]);
    return x;
}
template <class T>
AIRFRAME_DEVICE void storeColumns(Global<T> to, std::size_t row, int column, int count, bool wide, Float4 x) {
    if (wide) {
        if (column < count) store4(to, row + column, x);
        return;
    }
    if (column < count) to[row + column] = narrow<T>(x.x);
    if (column + 1 < count) to[row + column + 1] = narrow<T>(x.y);
    if (column + 2 < count) to[row + column + 2] = narrow<T>(x.z);
    if (column + 3 < count) to[row + column + 3] = narrow<T>(x.w);
}

template <int L>
AIRFRAME_DEVICE float sumOverRows(float x) {
    AIRFRAME_UNROLL
    for (int by = L; by < 32; by *= 2) x += shuffleXor(x, by);
    return x;
}
/// Which of its four columns a lane gets from columnOverRows; the lanes below 4*L have them all, each once.
template <int L>
AIRFRAME_DEVICE int ownColumn() {
    return (lane() & L ? 2 : 0) + (lane() & 2 * L ? 1 : 0);
}
/// That column of what all lanes of equal l % L know.
template <int L>
AIRFRAME_DEVICE float columnOf(Float4 x) {
    const bool right = (lane() & L) != 0, odd = (lane() & 2 * L) != 0;
    return right ? (odd ? x.w : x.z) : (odd ? x.y : x.x);
}
/// The sum over rows of one of the four columns: at each of the first two steps a lane gives away those it does not keep.
template <int L>
AIRFRAME_DEVICE float columnOverRows(Float4 x) {
    const bool right = (lane() & L) != 0, odd = (lane() & 2 * L) != 0;
    const float a = (right ? x.z : x.x) + shuffleXor(right ? x.x : x.z, L);
    const float b = (right ? x.w : x.y) + shuffleXor(right ? x.y : x.w, L);
    return sumOverRows<4 * L>((odd ? b : a) + shuffleXor(odd ? a : b, 2 * L));
}
/// The sums over rows of all four columns, on every lane.
template <int L>
AIRFRAME_DEVICE Float4 sumOverRows(Float4 x) {
    const bool right = (lane() & L) != 0, odd = (lane() & 2 * L) != 0;
    const float mine = columnOverRows<L>(x), other = shuffleXor(mine, 2 * L);
    const float a = odd ? other : mine, b = odd ? mine : other;
    const float far_a = shuffleXor(a, L), far_b = shuffleXor(b, L);
    return right ? Float4{far_a, far_b, a, b} : Float4{a, b, far_a, far_b};
}

AIRFRAME_DEVICE void addScaled(Float4& to, float s, Float4 x) {
    to.x = multiplyAdd(s, x.x, to.x);
    to.y = multiplyAdd(s, x.y, to.y);
    to.z = multiplyAdd(s, x.z, to.z);
    to.w = multiplyAdd(s, x.w, to.w);
}
AIRFRAME_DEVICE Float4 scaled(float s, Float4 x) { return {s * x.x, s * x.y, s * x.z, s * x.w}; }

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Arrays as in kernels/rms_norm.h; X and Y are float or Bf16.
template <class X, class Y>
struct RmsNormArguments {
    int n = 0;
    float eps = 1e-5f;
    Global<const X> x;           ///< [R, n]
    Global<const float> weight;  ///< [n]
    Global<Y> y;                 ///< [R, n], may be x
};

namespace rms {
inline constexpr int threads = 256, warps = threads / 32;
}

inline Grid rmsNormGrid(std::size_t rows) {
    return {static_cast<unsigned>(rows), 1, 1, rms::threads, 4 * rms::warps};
}

/// Grid (R), 256 threads: a block per row, whose second pass over x finds it in L1.
template <class X, class Y>
AIRFRAME_DEVICE void rmsNorm(const RmsNormArguments<X, Y>& p) {
    using namespace rms;
    const std::size_t row = static_cast<std::size_t>(blockX()) * p.n;
    float squares = 0;
    for (int c = threadX(); c < p.n; c += threads) {
        const float x = widen(p.x[row + c]);
        squares += x * x;
    }
    squares += shuffleXor(squares, 16);
    squares += shuffleXor(squares, 8);
    squares += shuffleXor(squares, 4);
    squares += shuffleXor(squares, 2);
    squares += shuffleXor(squares, 1);
    const auto parts = sharedArray<float>(0, warps);
    if (lane() == 0) parts[warp()] = squares;
    syncThreads();
    squares = 0;
    for (int w = 0; w < warps; ++w) squares += parts[w];
    const float scale = inverseRoot(squares / static_cast<float>(p.n) + p.eps);
    for (int c = threadX(); c < p.n; c += threads) p.y[row + c] = narrow<Y>(widen(p.x[row + c]) * scale * p.weight[c]);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Arrays as in kernels/swiglu.h; X and Y are float or Bf16.
template <class X, class Y>
struct SwigluArguments {
    int n = 0;
    std::size_t units = 0;  ///< R n
    Global<const X> x;      ///< [R, 2n] gate, up
    Global<Y> y;            ///< [R, n]
};

namespace gating {
inline constexpr int threads = 256;
}

inline Grid swigluGrid(std::size_t units) {
    return {ceilDiv(units, gating::threads), 1, 1, gating::threads, 0};
}

/// Grid (ceil(R n / 256)), 256 threads: a thread per element.
template <class X, class Y>
AIRFRAME_DEVICE void swiglu(const SwigluArguments<X, Y>& p) {
    const std::size_t unit = static_cast<std::size_t>(blockX()) * gating::threads + threadX();
    if (unit >= p.units) return;
    const std::size_t at = unit / p.n * 2 * p.n + unit % p.n;
    const float gate = widen(p.x[at]), up = widen(p.x[at + p.n]);
    p.y[unit] = narrow<Y>(gate / (1.0f + exponential(-gate)) * up);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/gated_norm.h; T is float or Bf16.
template <class T>
struct GatedNormArguments {
    int rows = 0, heads = 0, v = 0, stride = 0;
    float eps = 1e-5f;
    bool wide = false;  ///< every head begins at a multiple of four elements' bytes, of the gate too
    Global<const float> x, weight;
    Global<const T> gate;
    Global<T> y;
};

namespace norm {
inline constexpr int threads = 128;  ///< a warp per head of a row
AIRFRAME_DEVICE float gated(float x, float scale, float weight, float gate) {
    return x * scale * weight * (gate / (1.0f + exponential(-gate)));
}
}  // namespace norm

inline Grid gatedNormGrid(std::size_t rows, std::size_t heads) {
    return {ceilDiv(rows * heads, norm::threads / 32), 1, 1, norm::threads, 0};
}

/// y = x / rms(x) * weight * silu(gate). Grid ceil(rows*heads / 4), 128 threads. The second pass over x finds it in L1.
template <class T>
AIRFRAME_DEVICE void gatedNorm(const GatedNormArguments<T>& p) {
    const std::size_t unit = static_cast<std::size_t>(blockX()) * (norm::threads / 32) + warp();
    if (unit >= static_cast<std::size_t>(p.rows) * p.heads) return;
    const std::size_t at = unit * p.v, gate_at = unit / p.heads * p.stride + unit % p.heads * p.v;
    float sum = 0;
    if (p.wide) {
        for (int c = 4 * lane(); c < p.v; c += 128) {
            const Float4 x = load4(p.x, at + c);
            sum += x.x * x.x + x.y * x.y + x.z * x.z + x.w * x.w;
        }
    } else {
        for (int c = lane(); c < p.v; c += 32) sum += p.x[at + c] * p.x[at + c];
    }
    sum += shuffleXor(sum, 16);
    sum += shuffleXor(sum, 8);
    sum += shuffleXor(sum, 4);
    sum += shuffleXor(sum, 2);
    sum += shuffleXor(sum, 1);
    const float scale = inverseRoot(sum / static_cast<float>(p.v) + p.eps);
    if (p.wide) {
        for (int c = 4 * lane(); c < p.v; c += 128) {
            const Float4 x = load4(p.x, at + c), w = load4(p.weight, c), g = load4(p.gate, gate_at + c);
            store4(p.y, at + c, {norm::gated(x.x, scale, w.x, g.x), norm::gated(x.y, scale, w.y, g.y),
                                 norm::gated(x.z, scale, w.z, g.z), norm::gated(x.w, scale, w.w, g.w)});
        }
    } else {
        for (int c = lane(); c < p.v; c += 32)
            p.y[at + c] = narrow<T>(norm::gated(p.x[at + c], scale, p.weight[c], widen(p.gate[gate_at + c])));
    }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/grid.h"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/gated_delta.h.
struct GatedDeltaArguments {
    int tokens = 0, heads = 0, k = 0, v = 0;
    float scale = 1;      ///< K^-0.5
    bool l2norm = false;
    bool wide = false;    ///< rows of V elements begin at multiples of 16 bytes
    Global<const float> queries, keys, values, decays, betas, initial;
    Global<float> out, state;
};

namespace recurrent {
inline constexpr int threads = 64;
inline constexpr int columns = 32;  ///< of V per block: 16 per warp, so that a row is read in whole 64-byte pieces

AIRFRAME_DEVICE Float4 loadColumns(Global<const float> from, std::size_t row, int column, int count, bool wide) {
    if (wide && column < count) return load4(from, row + column);
    Float4 x{0, 0, 0, 0};
    if (column < count) x.x = from[row + column];
    if (column + 1 < count) x.y = from[row + column + 1];
    if (column + 2 < count) x.z = from[row + column + 2];
    if (column + 3 < count) x.w = from[row + column + 3];
    return x;
}
AIRFRAME_DEVICE void storeColumns(Global<float> to, std::size_t row, int column, int count, bool wide, Float4 x) {
    if (wide) {
        if (column < count) store4(to, row + column, x);
        return;
    }
    if (column < count) to[row + column] = x.x;
    if (column + 1 < count) to[row + column + 1] = x.y;
    if (column + 2 < count) to[row + column + 2] = x.z;
    if (column + 3 < count) to[row + column + 3] = x.w;
}
/// Over the eight lanes that hold different rows of the same columns.
AIRFRAME_DEVICE float sumOverRows(float x) {
    x += shuffleXor(x, 4);
    x += shuffleXor(x, 8);
    return x + shuffleXor(x, 16);
}
AIRFRAME_DEVICE Float4 sumOverRows(Float4 x) {
    return {sumOverRows(x.x), sumOverRows(x.y), sumOverRows(x.z), sumOverRows(x.w)};
}
AIRFRAME_DEVICE void addScaled(Float4& to, float s, Float4 x) {
    to.x += s * x.x;
    to.y += s * x.y;
    to.z += s * x.z;
    to.w += s * x.w;
}
}  // namespace recurrent

inline Grid gatedDeltaRecurrentGrid(std::size_t pairs, std::size_t v) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, recurrent::columns), 1, recurrent::threads, 0};
}

/// The gated delta rule token by token, in float32: decode, and short prompts. Grid (batch*heads, ceil(V / 32)), 64
/// threads. The state stays in registers: lane l of a warp holds the rows l/4, l/4 + 8, ... of four columns, at most
/// 16*KT rows. One pass over it reads both k and q (o = a S^T q + (q . k) d), a second writes it: no shared memory and no
/// barrier. The final state may be the initial one.
template <int KT>
AIRFRAME_DEVICE void gatedDeltaRecurrent(const GatedDeltaArguments& p) {
    using namespace recurrent;
    constexpr int rows = 2 * KT;
    const int pair = blockX(), group = lane() / 4;
    const int column = blockY() * columns + warp() * 16 + lane() % 4 * 4;
    const std::size_t batch = pair / p.heads, head = pair % p.heads;
    const std::size_t state_at = static_cast<std::size_t>(pair) * p.k * p.v;

    Array<Float4, rows> s;
    AIRFRAME_UNROLL
    for (int i = 0; i < rows; ++i) {
        const int row = group + 8 * i;
        s[i] = Float4{0, 0, 0, 0};
        if (p.initial.given() && row < p.k)
            s[i] = loadColumns(p.initial, state_at + static_cast<std::size_t>(row) * p.v, column, p.v, p.wide);
    }
    for (int t = 0; t < p.tokens; ++t) {
        const std::size_t at = (batch * p.tokens + t) * p.heads + head;
        Array<float, rows> k, q;
        float kk = 0, qq = 0, qk = 0;
        AIRFRAME_UNROLL
        for (int i = 0; i < rows; ++i) {
            const int row = group + 8 * i;
            k[i] = q[i] = 0;
            if (row < p.k) {
                k[i] = p.keys[at * p.k + row];
                q[i] = p.queries[at * p.k + row];
            }
            kk += k[i] * k[i];
            qq += q[i] * q[i];
            qk += q[i] * k[i];
        }
        const float k_scale = p.l2norm ? inverseRoot(sumOverRows(kk) + 1e-6f) : 1.0f;
        const float q_scale = p.scale * (p.l2norm ? inverseRoot(sumOverRows(qq) + 1e-6f) : 1.0f);
        qk = sumOverRows(qk) * k_scale;
        const float a = exponential(p.decays[at]), beta = p.betas[at];
        const Float4 v = loadColumns(p.values, at * p.v, column, p.v, p.wide);

        Float4 ks{0, 0, 0, 0}, qs{0, 0, 0, 0};
        AIRFRAME_UNROLL
        for (int i = 0; i < rows; ++i) {
            addScaled(ks, k[i], s[i]);
            addScaled(qs, q[i], s[i]);
        }
        ks = sumOverRows(ks);
        qs = sumOverRows(qs);
        const float ak = a * k_scale;
        const Float4 d{beta * (v.x - ak * ks.x), beta * (v.y - ak * ks.y), beta * (v.z - ak * ks.z), beta * (v.w - ak * ks.w)};
        if (group == 0)
            storeColumns(p.out, at * p.v, column, p.v, p.wide,
                         {q_scale * (a * qs.x + qk * d.x), q_scale * (a * qs.y + qk * d.y), q_scale * (a * qs.z + qk * d.z),
                          q_scale * (a * qs.w + qk * d.w)});
        AIRFRAME_UNROLL
        for (int i = 0; i < rows; ++i) {
            s[i] = Float4{a * s[i].x, a * s[i].y, a * s[i].z, a * s[i].w};
            addScaled(s[i], k_scale * k[i], d);
        }
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int i = 0; i < rows; ++i) {
        const int row = group + 8 * i;
        if (row < p.k) storeColumns(p.state, state_at + static_cast<std::size_t>(row) * p.v, column, p.v, p.wide, s[i]);
    }
}

}  // namespace airframe::kernels::cuda

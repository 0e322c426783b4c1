// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/sequence_tokens.cuh"
#include "kernels/cuda/state_columns.cuh"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/gated_delta.h; T and State are float or Bf16.
template <class T, class State>
struct GatedDeltaArguments {
    int tokens = 0, heads = 0, key_heads = 0, k = 0, v = 0;
    float scale = 1;      ///< K^-0.5
    bool l2norm = false;
    bool wide = false;    ///< rows of V elements, of v and of the states, begin at multiples of four elements
    Global<const T> queries, keys, values;
    Global<const float> decays, betas;
    Global<const State> initial;
    Global<const std::int64_t> offsets;
    Global<T> out;
    Global<State> state;
};

namespace recurrent {
inline constexpr int columns = 32;  ///< of V per block, 4*L per warp: a block reads whole rows of 64 or 128 bytes
template <int L>
inline constexpr int threads = 32 * columns / (4 * L);
}  // namespace recurrent

template <int L>
Grid gatedDeltaRecurrentGrid(std::size_t pairs, std::size_t v) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, recurrent::columns), 1, recurrent::threads<L>, 0};
}

/// The gated delta rule token by token, in float32: decode, short prompts and packed sequences. Grid (sequences*heads,
/// ceil(V / 32)). The state stays in registers as state_columns.cuh says, at most R rows per lane: K up to 32/L * R. One
/// pass over it reads both k and q (o = a S^T q + (q . k) d), a second writes it: no shared memory and no barrier. The
/// final state may be the initial one.
template <int L, int R, class T, class State>
AIRFRAME_DEVICE void gatedDeltaRecurrent(const GatedDeltaArguments<T, State>& p) {
    using namespace recurrent;
    const std::size_t pair = blockX(), sequence = pair / p.heads, head = pair % p.heads;
    const std::size_t key_head = head / (p.heads / p.key_heads), state_at = pair * p.k * p.v;
    const int left = blockY() * columns + warp() * 4 * L + lane() % L * 4, own = left + ownColumn<L>();
    const bool writes = lane() < 4 * L && own < p.v;

    Array<Float4, R> s;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int row = lane() / L + 32 / L * i;
        s[i] = Float4{0, 0, 0, 0};
        if (p.initial.given() && row < p.k)
            s[i] = loadColumns(p.initial, state_at + static_cast<std::size_t>(row) * p.v, left, p.v, p.wide);
    }
    const TokenSpan span = sequenceTokens(p.offsets, p.tokens, sequence);
    for (std::size_t token = span.begin; token < span.end; ++token) {
        const std::size_t at = token * p.heads + head, key_at = (token * p.key_heads + key_head) * p.k;
        Array<float, R> k, q;
        float kk = 0, qq = 0, qk = 0;
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) {
            const int row = lane() / L + 32 / L * i;
            k[i] = q[i] = 0;
            if (row < p.k) {
                k[i] = widen(p.keys[key_at + row]);
                q[i] = widen(p.queries[key_at + row]);
            }
            kk += k[i] * k[i];
            qq += q[i] * q[i];
            qk += q[i] * k[i];
        }
        const float k_scale = p.l2norm ? inverseRoot(sumOverRows<L>(kk) + 1e-6f) : 1.0f;
        const float q_scale = p.scale * (p.l2norm ? inverseRoot(sumOverRows<L>(qq) + 1e-6f) : 1.0f);
        qk = sumOverRows<L>(qk) * k_scale;
        const float a = p.decays.given() ? exponential(p.decays[at]) : 1.0f, beta = p.betas[at];
        const Float4 v = loadColumns(p.values, at * p.v, left, p.v, p.wide);

        Float4 ks{0, 0, 0, 0}, qs{0, 0, 0, 0};
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) {
            addScaled(ks, k[i], s[i]);
            addScaled(qs, q[i], s[i]);
        }
        ks = sumOverRows<L>(ks);
        const float ak = a * k_scale;
        const Float4 d{beta * (v.x - ak * ks.x), beta * (v.y - ak * ks.y), beta * (v.z - ak * ks.z), beta * (v.w - ak * ks.w)};
        const float read = columnOverRows<L>(qs);
        if (writes) p.out[at * p.v + own] = narrow<T>(q_scale * (a * read + qk * columnOf<L>(d)));
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) {
            s[i] = scaled(a, s[i]);
            addScaled(s[i], k_scale * k[i], d);
        }
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int row = lane() / L + 32 / L * i;
        if (row < p.k) storeColumns(p.state, state_at + static_cast<std::size_t>(row) * p.v, left, p.v, p.wide, s[i]);
    }
}

}  // namespace airframe::kernels::cuda

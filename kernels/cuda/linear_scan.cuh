// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/sequence_tokens.cuh"
#include "kernels/cuda/state_columns.cuh"
#include "kernels/linear_scan.h"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/linear_scan.h, every default replaced; T and State are float or Bf16.
template <class T, class State = float>
struct LinearScanArguments {
    int tokens = 0, heads = 0, k = 0, v = 0;
    int q_heads = 0, k_heads = 0, v_heads = 0, g_heads = 0;
    int q_stride = 0, k_stride = 0, v_stride = 0, skip_stride = 0;
    Decay decay = Decay::head;
    float scale = 1;
    bool wide = false;  ///< rows of V elements, of v and of the states, begin at multiples of four elements
    Global<const T> queries, keys, values, skip_inputs;
    Global<const float> decays, skips;
    Global<const State> initial;
    Global<const std::int64_t> offsets;
    Global<T> out;
    Global<State> state;
};

namespace scan {
inline constexpr int columns = 32;  ///< of V per block, 4*L per warp: a block reads rows of 128 bytes
template <int L>
inline constexpr int threads = 32 * columns / (4 * L);

/// What a lane needs of one token: its rows of q, k and the decays, its columns of v.
template <int R>
struct Token {
    Array<float, R> q, k, a;
    Float4 v;
};
/// Where a head's rows lie in those of a token.
struct HeadOffsets {
    std::size_t q, k, v, g;
};

template <bool PerKey, int L, int R, class T, class State>
AIRFRAME_DEVICE Token<R> load(const LinearScanArguments<T, State>& p, const HeadOffsets& at, std::size_t row, int column) {
    Token<R> token;
    float decay = 1;
    if constexpr (!PerKey)
        if (p.decay == Decay::head) decay = exponential(p.decays[row * p.g_heads + at.g]);
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        token.q[i] = token.k[i] = 0;
        token.a[i] = decay;
        if (key < p.k) {
            token.q[i] = widen(p.queries[row * p.q_stride + at.q + key]);
            token.k[i] = widen(p.keys[row * p.k_stride + at.k + key]);
            if constexpr (PerKey) token.a[i] = exponential(p.decays[(row * p.g_heads + at.g) * p.k + key]);
        }
    }
    token.v = loadColumns(p.values, row * p.v_stride + at.v, column, p.v, p.wide);
    return token;
}
}  // namespace scan

template <int L>
Grid linearScanGrid(std::size_t pairs, std::size_t v) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, scan::columns), 1, scan::threads<L>, 0};
}

/// Linear attention token by token, in float32. Grid (sequences*heads, ceil(V / 32)). The state stays in registers as
/// state_columns.cuh says, at most R rows per lane: K up to 32/L * R. The next token is loaded while this one is worked
/// on, where the registers allow it; no token waits for another but in the state's own multiply-add. PerKey: Decay::key,
/// else one of the others. The final state may be the initial one.
template <bool PerKey, int L, int R, class T, class State>
AIRFRAME_DEVICE void linearScan(const LinearScanArguments<T, State>& p) {
    using namespace scan;
    constexpr bool ahead = !PerKey || L > 1;
    const std::size_t pair = blockX(), sequence = pair / p.heads, head = pair % p.heads;
    const int left = blockY() * columns + warp() * 4 * L + lane() % L * 4, own = left + ownColumn<L>();
    const std::size_t state_at = pair * p.k * p.v, v_head = head / (p.heads / p.v_heads);
    const HeadOffsets at{head / (p.heads / p.q_heads) * p.k, head / (p.heads / p.k_heads) * p.k, v_head * p.v,
                         p.decay == Decay::constant ? head : head / (p.heads / p.g_heads)};
    const bool writes = lane() < 4 * L && own < p.v;
    const float skip = p.skips.given() ? p.skips[head] : 0.0f;

    Array<Float4, R> s;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        s[i] = Float4{0, 0, 0, 0};
        if (p.initial.given() && key < p.k)
            s[i] = loadColumns(p.initial, state_at + static_cast<std::size_t>(key) * p.v, left, p.v, p.wide);
    }
    // A constant decay's rounding would be the same at every token and add up over all that the state remembers.
    Float2 constant{1, 0};
    if constexpr (!PerKey)
        if (p.decay == Decay::constant) constant = exponentialPair(p.decays[at.g]);
    const TokenSpan span = sequenceTokens(p.offsets, p.tokens, sequence);
    Token<R> next{};
    if (ahead && span.begin < span.end) next = load<PerKey, L, R>(p, at, span.begin, left);
    for (std::size_t row = span.begin; row < span.end; ++row) {
        const Token<R> now = ahead ? next : load<PerKey, L, R>(p, at, row, left);
        if (ahead && row + 1 < span.end) next = load<PerKey, L, R>(p, at, row + 1, left);
        Float4 o{0, 0, 0, 0};
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) {
            const Float4 before = s[i];
            s[i] = scaled(now.k[i], now.v);
            if constexpr (!PerKey) addScaled(s[i], constant.y, before);
            addScaled(s[i], now.a[i] * constant.x, before);  // one rounding: what constant.y adds would be lost behind another
            addScaled(o, now.q[i], s[i]);
        }
        float y = p.scale * columnOverRows<L>(o);
        if (!writes) continue;
        if (p.skips.given()) y += skip * widen(p.skip_inputs[row * p.skip_stride + at.v + own]);
        p.out[(row * p.heads + head) * p.v + own] = narrow<T>(y);
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        if (key < p.k) storeColumns(p.state, state_at + static_cast<std::size_t>(key) * p.v, left, p.v, p.wide, s[i]);
    }
}

}  // namespace airframe::kernels::cuda

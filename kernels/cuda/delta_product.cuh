// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/grid.h"
#include "kernels/cuda/sequence_tokens.cuh"
#include "kernels/cuda/state_columns.cuh"

namespace airframe::kernels::cuda {

/// Arrays and letters as in kernels/delta_product.h; T is float or Bf16.
template <class T, class State = float>
struct DeltaProductArguments {
    int tokens = 0, heads = 0, k = 0, v = 0;
    float scale = 1;
    bool wide = false;  ///< rows of V elements, of v and of the states, begin at multiples of four elements
    Global<const T> reads, keys, values, removals, returns;  ///< r, k, v, a, b
    Global<const float> decays;                              ///< w
    Global<const State> initial;
    Global<const std::int64_t> offsets;
    Global<T> out;
    Global<State> state;
};

namespace product {
inline constexpr int columns = 32;  ///< of V per block, 4*L per warp: a block reads rows of 128 bytes
template <int L>
inline constexpr int threads = 32 * columns / (4 * L);

/// What a lane needs of one token: its rows of r, exp(w), k, a and b, its columns of v.
template <int R>
struct Token {
    Array<float, R> r, w, k, a, b;
    Float4 v;
};

template <int L, int R, class T, class State>
AIRFRAME_DEVICE Token<R> load(const DeltaProductArguments<T, State>& p, std::size_t unit, int column) {
    Token<R> token;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        token.r[i] = token.w[i] = token.k[i] = token.a[i] = token.b[i] = 0;
        if (key < p.k) {
            const std::size_t at = unit * p.k + key;
            token.r[i] = widen(p.reads[at]);
            token.w[i] = exponential(p.decays[at]);
            token.k[i] = widen(p.keys[at]);
            token.a[i] = widen(p.removals[at]);
            token.b[i] = widen(p.returns[at]);
        }
    }
    token.v = loadColumns(p.values, unit * p.v, column, p.v, p.wide);
    return token;
}
}  // namespace product

template <int L>
Grid deltaProductGrid(std::size_t pairs, std::size_t v) {
    return {static_cast<unsigned>(pairs), ceilDiv(v, product::columns), 1, product::threads<L>, 0};
}

/// RWKV7's rule token by token, in float32. Grid (sequences*heads, ceil(V / 32)). The state stays in registers as
/// state_columns.cuh says, at most R rows per lane: K up to 32/L * R. The first pass over it makes what the removal key
/// reads of the state before its decay; the second decays, adds both products and reads. The next token is loaded
/// meanwhile where the registers allow it. The final state may be the initial one.
template <int L, int R, class T, class State>
AIRFRAME_DEVICE void deltaProduct(const DeltaProductArguments<T, State>& p) {
    using namespace product;
    constexpr bool ahead = R <= 8;
    const std::size_t pair = blockX(), sequence = pair / p.heads, head = pair % p.heads;
    const int left = blockY() * columns + warp() * 4 * L + lane() % L * 4, own = left + ownColumn<L>();
    const std::size_t state_at = pair * p.k * p.v;
    const bool writes = lane() < 4 * L && own < p.v;

    Array<Float4, R> s;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        s[i] = Float4{0, 0, 0, 0};
        if (p.initial.given() && key < p.k)
            s[i] = loadColumns(p.initial, state_at + static_cast<std::size_t>(key) * p.v, left, p.v, p.wide);
    }
    const TokenSpan span = sequenceTokens(p.offsets, p.tokens, sequence);
    Token<R> next{};
    if (ahead && span.begin < span.end) next = load<L, R>(p, span.begin * p.heads + head, left);
    for (std::size_t row = span.begin; row < span.end; ++row) {
        const std::size_t unit = row * p.heads + head;
        const Token<R> now = ahead ? next : load<L, R>(p, unit, left);
        if (ahead && row + 1 < span.end) next = load<L, R>(p, unit + p.heads, left);
        Float4 read{0, 0, 0, 0}, o{0, 0, 0, 0};
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) addScaled(read, now.a[i], s[i]);
        read = sumOverRows<L>(read);
        AIRFRAME_UNROLL
        for (int i = 0; i < R; ++i) {
            s[i] = scaled(now.w[i], s[i]);
            addScaled(s[i], now.b[i], read);
            addScaled(s[i], now.k[i], now.v);
            addScaled(o, now.r[i], s[i]);
        }
        const float y = p.scale * columnOverRows<L>(o);
        if (writes) p.out[unit * p.v + own] = narrow<T>(y);
    }
    if (!p.state.given()) return;
    AIRFRAME_UNROLL
    for (int i = 0; i < R; ++i) {
        const int key = lane() / L + 32 / L * i;
        if (key < p.k) storeColumns(p.state, state_at + static_cast<std::size_t>(key) * p.v, left, p.v, p.wide, s[i]);
    }
}

}  // namespace airframe::kernels::cuda

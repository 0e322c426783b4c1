// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/attention.h"
#include "kernels/cuda/grid.h"
#include "kernels/cuda/tiles.cuh"

namespace airframe::kernels::cuda {

/// Shapes and arrays as in kernels/attention.h, Q float or Bf16: T queries of H heads, the last T of each sequence's
/// keys, over a cache of G heads. Position p lies in slot p mod S. d = 16*DT is the kernels' template argument.
template <class Q>
struct AttentionArguments {
    int tokens = 1, heads = 0, groups = 0, slots = 0;  ///< T, H, G, S
    int length = 0, window = 0;                        ///< most keys of a sequence; W, 0 = all
    int span = 0, splits = 1;                          ///< positions of a split, a multiple of 64, and how many splits
    float scale = 1;                                   ///< of the scores, times log2(e): weights are powers of two
    AttentionStrides q, k, v;                          ///< all given, multiples of 8
    Global<const Q> queries;                           ///< [B, T, H, d]
    Global<const Bf16> keys, values;                   ///< [B, G, S, d]
    Global<const float> sinks;                         ///< [H] or not given
    Global<const std::size_t> lengths;                 ///< [B] or not given: T to `length` keys
    Global<float> partial;     ///< [B, T, H, splits, d] sums of 2^(x - max) v; prefill in one split: not given
    Global<float> statistics;  ///< [B, T, H, splits, 2] max and sum of 2^(x - max); max = -infinity: nothing was seen
    Global<Q> out;             ///< [B, T, H, d] dense
};

namespace attending {
inline constexpr int threads = 128;
inline constexpr float log2_e = 1.44269504f;

template <class T>
AIRFRAME_DEVICE T greater(T a, T b) {
    return a > b ? a : b;
}
AIRFRAME_DEVICE int lesser(int a, int b) {
    return a < b ? a : b;
}

/// Keys of a sequence; a length that cannot be counts as the nearest one that can, so that no slot is read that is not
/// there.
template <class Q>
AIRFRAME_DEVICE int lengthOf(const AttentionArguments<Q>& p, std::size_t batch) {
    if (!p.lengths.given()) return p.length;
    return greater(lesser(static_cast<int>(p.lengths[batch]), p.length), p.tokens);
}
/// The first position that a query at `position` sees.
template <class Q>
AIRFRAME_DEVICE int firstSeen(const AttentionArguments<Q>& p, int position) {
    return p.window ? greater(position + 1 - p.window, 0) : 0;
}
/// Starts copying the keys and values at Size::positions positions from `from` on; past the last one that one again,
/// whose weights the caller makes zero. Of one head of the cache, which lies from the elements k_at and v_at on.
template <class Size, class Q>
AIRFRAME_DEVICE void fetchTile(const AttentionArguments<Q>& p, std::size_t k_at, std::size_t v_at, int from, int last,
                               Shared<Bf16> keys, Shared<Bf16> values) {
    constexpr int chunks = Size::d / 8;
    const int first_slot = from % p.slots;
    for (int e = threadX(); e < Size::positions * chunks; e += threads) {
        const int row = e / chunks, c = e % chunks * 8;
        int slot = first_slot + lesser(row, last - from);
        if (slot >= p.slots) slot -= p.slots;
        copyAsync16(keys, row * Size::stride + c, p.keys, k_at + slot * p.k.row + c);
        copyAsync16(values, row * Size::stride + c, p.values, v_at + slot * p.v.row + c);
    }
    commitCopies();
}
/// 2^(x - max), and zero where nothing has been seen yet.
AIRFRAME_DEVICE float weightOf(float x, float max) {
    return x == -infinity() ? 0.0f : exponential2(x - max);
}
}  // namespace attending

}  // namespace airframe::kernels::cuda

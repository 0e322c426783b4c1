// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/linear_scan_chunked.cuh"

// The first kernel of linear attention in chunks with a decay per key; the algebra stands in linear_scan_chunked.cuh, with
// G, per token and key, inside the sum over keys: A_ij = scale sum_k q_ik k_jk exp(G_ik - G_jk) (Yang et al., arXiv
// 2312.06635, section 4.3). Blocks of 16x16 below the diagonal are tensor-core products of q exp(G - R) and k exp(R - G),
// where R is G just before the block's rows: neither exponent is above 0. Those on the diagonal are summed directly.
// A log decay below -80, a reset too, counts as -80: what is left of the state is under 2e-35.

namespace airframe::kernels::cuda {

namespace scan_keys {
using chunked::tokens;
inline constexpr int threads = 128;

/// Shared memory: G [C, 16*KT], 16 rows of q and up to 48 of k.
template <int KT>
struct Sizes {
    static constexpr int k = 16 * KT, stride = tileStride(k), sums_bytes = 4 * tokens * k;
    static constexpr int left_bytes = 2 * 16 * stride, right_bytes = 2 * (tokens - 16) * stride;
    static constexpr int bytes = sums_bytes + left_bytes + right_bytes;
};
}  // namespace scan_keys

template <int KT>
Grid linearScanPrepareKeysGrid(std::size_t pairs, std::size_t chunks) {
    return {static_cast<unsigned>(pairs * chunks), 1, 1, scan_keys::threads, scan_keys::Sizes<KT>::bytes};
}
/// Grid B*H * chunks, 128 threads.
template <int KT, class T, class State>
AIRFRAME_DEVICE void linearScanPrepareKeys(const LinearScanChunkArguments<T, State>& c) {
    using namespace scan_keys;
    using Size = Sizes<KT>;
    const auto& p = c.call;
    const std::size_t unit = blockX(), pair = unit / c.chunks, batch = pair / p.heads, head = pair % p.heads;
    const int first = static_cast<int>(unit % c.chunks) * tokens, valid = p.tokens - first;
    const std::size_t row0 = batch * p.tokens + first, q_at = head / (p.heads / p.q_heads) * p.k,
                      k_at = head / (p.heads / p.k_heads) * p.k, g_head = head / (p.heads / p.g_heads);
    const auto sums = sharedArray<float>(0, tokens * Size::k);
    const auto left = sharedArray<Bf16>(Size::sums_bytes, Size::left_bytes / 2);
    const auto right = sharedArray<Bf16>(Size::sums_bytes + Size::left_bytes, Size::right_bytes / 2);
    const auto query = [&](int row, int key) {
        return row < valid && key < p.k ? p.scale * widen(p.queries[(row0 + row) * p.q_stride + q_at + key]) : 0.0f;
    };
    const auto keyOf = [&](int row, int key) {
        return row < valid && key < p.k ? widen(p.keys[(row0 + row) * p.k_stride + k_at + key]) : 0.0f;
    };

    for (int key = threadX(); key < Size::k; key += threads) {
        float sum = 0;
        for (int row = 0; row < tokens; ++row) {
            if (row < valid && key < p.k) {
                const float g = p.decays[((row0 + row) * p.g_heads + g_head) * p.k + key];
                sum += g > chunked::reset ? g : chunked::reset;
            }
            sums[row * Size::k + key] = sum;
        }
        c.work.key_decays[unit * Size::k + key] = exponential(sum);
    }
    syncThreads();
    for (int e = threadX(); e < tokens * Size::k; e += threads) {
        const int row = e / Size::k, key = e % Size::k;
        c.work.queries[unit * tokens * Size::k + e] = narrow<Bf16>(query(row, key) * exponential(sums[e]));
        c.work.keys[unit * tokens * Size::k + e] =
            narrow<Bf16>(keyOf(row, key) * exponential(sums[(tokens - 1) * Size::k + key] - sums[e]));
    }

    // On the diagonal: a warp per block, lanes over keys.
    const std::size_t square = unit * tokens * tokens;
    const int top = 16 * warp();
    for (int i = top; i < top + 16; ++i)
        for (int j = top; j < top + 16; ++j) {
            float sum = 0;
            if (j <= i) {
                for (int key = lane(); key < p.k; key += 32)
                    sum += query(i, key) * keyOf(j, key) * exponential(sums[i * Size::k + key] - sums[j * Size::k + key]);
                sum = sumOverRows<1>(sum);  // every lane holds other keys
            }
            if (lane() == 0) c.work.scores[square + i * tokens + j] = narrow<Bf16>(sum);
        }

    // Below it: the rows of one block after another, a warp per block of columns.
    for (int block = 1; block < 4; ++block) {
        const int before = 16 * block - 1;  // the token whose G is R
        for (int e = threadX(); e < 16 * Size::k; e += threads) {
            const int row = e / Size::k, key = e % Size::k, at = (16 * block + row) * Size::k + key;
            left[row * Size::stride + key] =
                narrow<Bf16>(query(16 * block + row, key) * exponential(sums[at] - sums[before * Size::k + key]));
        }
        for (int e = threadX(); e < 16 * block * Size::k; e += threads) {
            const int row = e / Size::k, key = e % Size::k;
            right[row * Size::stride + key] = narrow<Bf16>(keyOf(row, key) * exponential(sums[before * Size::k + key] - sums[e]));
        }
        syncThreads();
        if (warp() < block) {
            Array<Array<float, 4>, 2> a;
            a[0] = a[1] = Array<float, 4>{{0, 0, 0, 0}};
            for (int step = 0; step < KT; ++step) {
                const auto q = leftTile(left, Size::stride, 0, 16 * step);
                const auto k = rightTileTransposed(right, Size::stride, top, 16 * step);
                mmaBf16(a[0], q, k[0], k[1]);
                mmaBf16(a[1], q, k[2], k[3]);
            }
            AIRFRAME_UNROLL
            for (int n = 0; n < 2; ++n)
                AIRFRAME_UNROLL
                for (int half = 0; half < 2; ++half)
                    storePair(c.work.scores,
                              square + (16 * block + accRow() + 8 * half) * tokens + top + 8 * n + accColumn(),
                              packBf16(a[n][2 * half], a[n][2 * half + 1]));
        }
        syncThreads();
    }
}

}  // namespace airframe::kernels::cuda

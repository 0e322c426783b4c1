// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/chunk_gates.cuh"
#include "kernels/cuda/linear_scan.cuh"
#include "kernels/cuda/tiles.cuh"

// Linear attention in chunks of C = 64 tokens. With G the running sum of log decays in the chunk and S the state before it,
//   A_ij = scale (q_i . k_j) exp(G_i - G_j)   j <= i
//   O = scale diag(exp G) Q S + A V;   S <- exp(G_C) S + K^T diag(exp(G_C - G)) V
// (Sun et al., arXiv 2307.08621, eq. 7; Dao and Gu, arXiv 2405.21060, section 6). Two kernels. The first, with at most one
// decay per head, is here: it rounds q and k to tiles and sums the decays, once per head that they are shared by. With a
// decay per key (linear_scan_keys.cuh) it makes A, and q and k that hold their decays. The second (linear_scan_carry.cuh)
// carries the state, in parallel over blocks of 64 columns of V.
//
// Precision: q, k, v, A, the aged v and the state as an operand are rounded to bfloat16; products are summed, and the
// decays and the carried state kept, in float32. Each output and state owes at most four roundings, each about 1.6e-3 of
// relative error: up to 3.3e-3. Gates: chunk_gates.cuh.

namespace airframe::kernels::cuda {

/// What lies between the two kernels. HG counts decays: 1 without any, H with constant ones.
struct LinearScanWorkspace {
    // At most one decay per head:
    Global<Bf16> queries, keys;  ///< [B*HQ, chunks, C, 16*KT], [B*HK, chunks, C, 16*KT] rounded, zero beyond K and T
    Global<float> sums;          ///< [B*HG, chunks, C] G
    Global<int> resets;          ///< [B*HG, chunks, C] how many resets up to here
    // A decay per key; queries and keys are then [B*H, chunks, C, 16*KT], scale q exp(G) and k exp(G_C - G):
    Global<Bf16> scores;      ///< [B*H, chunks, C, C] A; only the 16x16 blocks up to the diagonal
    Global<float> key_decays; ///< [B*H, chunks, 16*KT] exp(G_C)
};
/// Of both kernels. `call` is not packed.
template <class T, class State = float>
struct LinearScanChunkArguments {
    LinearScanArguments<T, State> call;
    int gate_heads = 1;  ///< HG
    int chunks = 0;
    int stages = 1;     ///< chunks whose tiles fit in shared memory at once: 2 = the next is copied meanwhile
    bool even = false;  ///< rows of V elements, of v, x, o and the states, begin at multiples of two elements
    LinearScanWorkspace work;
};

namespace scan_chunks {
using chunked::tokens;
inline constexpr int columns = 64;  ///< of V per block of the second kernel
inline constexpr int threads = 128;
inline constexpr int column_stride = tileStride(columns);
inline constexpr int square_stride = tileStride(tokens);
inline constexpr int prepare_bytes = 2 * 4 * tokens;

template <int KT, bool PerKey>
struct Sizes {
    static constexpr int k = 16 * KT, stride = tileStride(k), tile_bytes = 2 * tokens * stride;
    static constexpr int square_bytes = 2 * tokens * square_stride;
    static constexpr int stage_bytes = 2 * tile_bytes + (PerKey ? square_bytes + 4 * k : 2 * 4 * tokens);
    static constexpr int state_bytes = 2 * k * column_stride, block_bytes = 2 * tokens * column_stride;
    static constexpr int bytes(int stages) { return stages * stage_bytes + state_bytes + (PerKey ? 1 : 2) * block_bytes; }
};

/// 64 rows of q or k from row `row` of [B, T] on, `valid` of them real, to a tile of the workspace. A warp takes 16 rows.
template <int KT, class T>
AIRFRAME_DEVICE void roundRows(Global<const T> from, std::size_t row, int valid, int stride, std::size_t offset, int k,
                               Global<Bf16> to, std::size_t to_at) {
    for (int i = 0; i < 16; ++i) {
        const int at = 16 * warp() + i;
        AIRFRAME_UNROLL
        for (int j = 0; j < KT / 2; ++j) {
            const int c = lane() + 32 * j;
            float x = 0;
            if (at < valid && c < k) x = widen(from[(row + at) * stride + offset + c]);
            to[to_at + at * 16 * KT + c] = narrow<Bf16>(x);
        }
    }
}
}  // namespace scan_chunks

/// One block per chunk of a head of q, of k or of the decays.
inline Grid linearScanPrepareGrid(std::size_t batch, std::size_t heads_of_all, std::size_t chunks) {
    return {static_cast<unsigned>(batch * heads_of_all * chunks), 1, 1, scan_chunks::threads, scan_chunks::prepare_bytes};
}
/// The first kernel. Grid B * (HQ + HK + HG) * chunks, 128 threads.
template <int KT, class T, class State>
AIRFRAME_DEVICE void linearScanPrepare(const LinearScanChunkArguments<T, State>& c) {
    using namespace scan_chunks;
    const auto& p = c.call;
    const int of_all = p.q_heads + p.k_heads + c.gate_heads, chunk = blockX() % c.chunks;
    const int which = blockX() / c.chunks % of_all, first = chunk * tokens;
    const std::size_t batch = blockX() / c.chunks / of_all, row = batch * p.tokens + first;
    if (which < p.q_heads) {
        roundRows<KT>(p.queries, row, p.tokens - first, p.q_stride, static_cast<std::size_t>(which) * p.k, p.k,
                      c.work.queries, ((batch * p.q_heads + which) * c.chunks + chunk) * tokens * 16 * KT);
        return;
    }
    const int key_head = which - p.q_heads;
    if (key_head < p.k_heads) {
        roundRows<KT>(p.keys, row, p.tokens - first, p.k_stride, static_cast<std::size_t>(key_head) * p.k, p.k,
                      c.work.keys, ((batch * p.k_heads + key_head) * c.chunks + chunk) * tokens * 16 * KT);
        return;
    }
    if (warp() != 0) return;
    const int gate_head = key_head - p.k_heads;
    const auto sums = sharedArray<float>(0, tokens);
    const auto resets = sharedArray<int>(4 * tokens, tokens);
    Array<float, 2> g;
    AIRFRAME_UNROLL
    for (int i = 0; i < 2; ++i) {
        const int token = 2 * lane() + i;
        g[i] = 0;
        if (p.decay != Decay::none && first + token < p.tokens)
            g[i] = p.decays[p.decay == Decay::constant ? static_cast<std::size_t>(gate_head)
                                                       : (row + token) * c.gate_heads + gate_head];
    }
    chunked::runningGates(g, sums, resets);
    const std::size_t to = ((batch * c.gate_heads + gate_head) * c.chunks + chunk) * tokens;
    AIRFRAME_UNROLL
    for (int i = 0; i < 2; ++i) {
        c.work.sums[to + 2 * lane() + i] = sums[2 * lane() + i];
        c.work.resets[to + 2 * lane() + i] = resets[2 * lane() + i];
    }
}

}  // namespace airframe::kernels::cuda

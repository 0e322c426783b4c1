// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/chunk_gates.cuh"
#include "kernels/cuda/grid.h"
#include "kernels/cuda/tiles.cuh"

// The gated delta rule in chunks of C = 64 tokens. With G the running sum of log decays in the chunk and S the state
// before it,
//   That = (I + tril_-1(diag(beta) K K^T))^-1             no gates in the inverse
//   M_ij = That_ij exp(G_i - G_j) beta_j                  j <= i
//   A_ij = scale (q_i . k_j) exp(G_i - G_j)               j <= i
//   D = M (V - diag(exp G) K S);   O = scale diag(exp G) Q S + A D;   S <- exp(G_C) S + K^T diag(exp(G_C - G)) D
// (the conjugation by exp G of Yang et al., arXiv 2406.06484 and 2412.06464). Two kernels: the first, here, makes M, A and
// the gates, in parallel over chunks; the second (gated_delta_carry.cuh) carries the state, in parallel over blocks of 32
// columns of V.
//
// Precision: q, k, M, A and the state as an operand are rounded to bfloat16; V - ... and D are operands in two parts, the
// rounded value and its rounded rest; products are summed, and the inverse, the gates and the carried state kept, in
// float32. Each of the five roundings adds about 1.6e-3 to the relative error: 3e-3 to 4.4e-3 in all. Gates: chunk_gates.cuh.

namespace airframe::kernels::cuda {

/// What lies between the two kernels.
struct GatedDeltaWorkspace {
    Global<Bf16> unit_queries, unit_keys;  ///< [B*H, chunks, C, 16*KT] normalised, rounded, zero beyond K and T
    Global<Bf16> solve, scores;            ///< [B*H, chunks, C, C] M and A; only the 16x16 blocks up to the diagonal
    Global<float> gates;                   ///< [B*H, chunks, 2, C] exp(G_i) and exp(G_C - G_i)
};

/// Of the first kernel; arrays and letters as in kernels/gated_delta.h. T is float or Bf16.
template <class T>
struct GatedDeltaPrepareArguments {
    int tokens = 0, heads = 0, key_heads = 0, k = 0, chunks = 0;
    float scale = 1;  ///< K^-0.5
    bool l2norm = false;
    Global<const T> queries, keys;
    Global<const float> decays, betas;
    GatedDeltaWorkspace work;
};

namespace chunked {
inline constexpr int columns = 32;  ///< of V per block of the second kernel
inline constexpr int threads = 128;
inline constexpr int solve_stride = tokens + 4;           ///< float32 rows of the inverse
inline constexpr int square_stride = tileStride(tokens);  ///< bfloat16 rows of M and A
inline constexpr int column_stride = tileStride(columns);

template <int KT>
struct Sizes {
    static constexpr int k = 16 * KT, stride = tileStride(k), tile_bytes = 2 * tokens * stride;
    // The inverse lies where the tiles were.
    static constexpr int solve_bytes = 4 * tokens * solve_stride;
    static constexpr int tiles_bytes = 2 * (tile_bytes > solve_bytes ? tile_bytes : solve_bytes);
    static constexpr int prepare_bytes = tiles_bytes + 3 * 4 * tokens;
    static constexpr int square_bytes = 2 * tokens * square_stride, block_bytes = 2 * 2 * tokens * column_stride;
    static constexpr int stage_bytes = 2 * tile_bytes + 2 * square_bytes + 2 * 4 * tokens;
    static constexpr int state_bytes = 2 * k * column_stride;
    static constexpr int bytes(int stages) { return stages * stage_bytes + state_bytes + 3 * block_bytes; }
};

AIRFRAME_DEVICE float sumOverWarp(float x) {
    x += shuffleXor(x, 16);
    x += shuffleXor(x, 8);
    x += shuffleXor(x, 4);
    x += shuffleXor(x, 2);
    return x + shuffleXor(x, 1);
}

/// 64 rows of q or k from token `first` on: normalised, rounded, to a tile and to the workspace. A warp takes 16 rows.
template <int KT, class T>
AIRFRAME_DEVICE void unitRows(const GatedDeltaPrepareArguments<T>& p, Global<const T> from, std::size_t batch,
                              std::size_t head, int first, Shared<Bf16> tile, Global<Bf16> to, std::size_t to_at) {
    using Size = Sizes<KT>;
    for (int i = 0; i < 16; ++i) {
        const int row = 16 * warp() + i, token = first + row;
        const std::size_t at = ((batch * p.tokens + token) * p.key_heads + head) * p.k;
        Array<float, KT / 2> x;
        float sum = 0;
        AIRFRAME_UNROLL
        for (int j = 0; j < KT / 2; ++j) {
            const int c = lane() + 32 * j;
            x[j] = 0;
            if (token < p.tokens && c < p.k) x[j] = widen(from[at + c]);
            sum += x[j] * x[j];
        }
        const float scale = p.l2norm ? inverseRoot(sumOverWarp(sum) + 1e-6f) : 1.0f;
        AIRFRAME_UNROLL
        for (int j = 0; j < KT / 2; ++j) {
            const int c = lane() + 32 * j;
            const Bf16 rounded = narrow<Bf16>(x[j] * scale);
            tile[row * Size::stride + c] = rounded;
            to[to_at + row * Size::k + c] = rounded;
        }
    }
}

/// The chunk's gates and write strengths by one warp, two tokens per lane.
template <class T>
AIRFRAME_DEVICE void loadGates(const GatedDeltaPrepareArguments<T>& p, std::size_t batch, std::size_t head, int first,
                               Shared<float> sums, Shared<int> resets, Shared<float> betas) {
    Array<float, 2> g;
    AIRFRAME_UNROLL
    for (int i = 0; i < 2; ++i) {
        const int token = first + 2 * lane() + i;
        float beta = 0;
        g[i] = 0;
        if (token < p.tokens) {
            const std::size_t at = (batch * p.tokens + token) * p.heads + head;
            if (p.decays.given()) g[i] = p.decays[at];
            beta = p.betas[at];
        }
        betas[2 * lane() + i] = beta;
    }
    runningGates(g, sums, resets);
}

/// X = (I + L)^-1 for L strictly lower triangular, [64, 64] in float32, in 16x16 blocks: those on the diagonal by forward
/// substitution, one column per thread, then X_IJ = -X_II sum over J <= M < I of L_IM X_MJ, diagonal by diagonal. The
/// sums lie in the blocks above the diagonal. Ends without a barrier.
AIRFRAME_DEVICE void invert(Shared<float> L, Shared<float> X) {
    constexpr int stride = solve_stride;
    if (threadX() < tokens) {
        const int corner = threadX() / 16 * 16, column = threadX() % 16;
        Array<float, 16> x;
        AIRFRAME_UNROLL
        for (int i = 0; i < 16; ++i) {
            x[i] = i == column ? 1.0f : 0.0f;
            AIRFRAME_UNROLL
            for (int m = 0; m < i; ++m) x[i] -= L[(corner + i) * stride + corner + m] * x[m];
            X[(corner + i) * stride + corner + column] = x[i];
        }
    }
    for (int d = 1; d < 4; ++d) {
        syncThreads();
        for (int e = threadX(); e < (4 - d) * 256; e += threads) {
            const int I = 16 * (d + e / 256), J = I - 16 * d, row = e % 256 / 16, column = e % 16;
            float sum = 0;
            for (int m = J; m < I; ++m) sum += L[(I + row) * stride + m] * X[m * stride + J + column];
            X[(J + row) * stride + I + column] = sum;
        }
        syncThreads();
        for (int e = threadX(); e < (4 - d) * 256; e += threads) {
            const int I = 16 * (d + e / 256), J = I - 16 * d, row = e % 256 / 16, column = e % 16;
            float sum = 0;
            for (int m = 0; m <= row; ++m) sum += X[(I + row) * stride + I + m] * X[(J + m) * stride + I + column];
            X[(I + row) * stride + J + column] = -sum;
        }
    }
}

}  // namespace chunked

inline Grid gatedDeltaPrepareGrid(std::size_t pairs, std::size_t chunks, int prepare_bytes) {
    return {static_cast<unsigned>(pairs * chunks), 1, 1, chunked::threads, static_cast<std::size_t>(prepare_bytes)};
}
/// The first kernel: M, A, gates, and q and k as the second one reads them. One block per chunk of a pair (batch, head).
template <int KT, class T>
AIRFRAME_DEVICE void gatedDeltaPrepare(const GatedDeltaPrepareArguments<T>& p) {
    using namespace chunked;
    using Size = Sizes<KT>;
    const std::size_t unit = blockX(), pair = unit / p.chunks, batch = pair / p.heads, head = pair % p.heads;
    const std::size_t key_head = head / (p.heads / p.key_heads);
    const int first = static_cast<int>(unit % p.chunks) * tokens;
    const auto keys = sharedArray<Bf16>(0, Size::tile_bytes / 2);
    const auto queries = sharedArray<Bf16>(Size::tile_bytes, Size::tile_bytes / 2);
    const auto L = sharedArray<float>(0, Size::solve_bytes / 4);
    const auto X = sharedArray<float>(Size::solve_bytes, Size::solve_bytes / 4);
    const auto sums = sharedArray<float>(Size::tiles_bytes, tokens);
    const auto resets = sharedArray<int>(Size::tiles_bytes + 4 * tokens, tokens);
    const auto betas = sharedArray<float>(Size::tiles_bytes + 8 * tokens, tokens);

    unitRows<KT>(p, p.keys, batch, key_head, first, keys, p.work.unit_keys, unit * tokens * Size::k);
    unitRows<KT>(p, p.queries, batch, key_head, first, queries, p.work.unit_queries, unit * tokens * Size::k);
    if (warp() == 0) loadGates(p, batch, head, first, sums, resets, betas);
    syncThreads();

    // K K^T and Q K^T: a warp's 16 rows, column pairs of 8 up to the diagonal.
    const int top = 16 * warp();
    Array<Array<float, 4>, 8> kk, qk;
    AIRFRAME_UNROLL
    for (int n = 0; n < 8; ++n) kk[n] = qk[n] = Array<float, 4>{{0, 0, 0, 0}};
    for (int step = 0; step < KT; ++step) {
        const auto k = leftTile(keys, Size::stride, top, 16 * step), q = leftTile(queries, Size::stride, top, 16 * step);
        AIRFRAME_UNROLL
        for (int n = 0; n < 4; ++n) {
            if (n > warp()) continue;
            const auto other = rightTileTransposed(keys, Size::stride, 16 * n, 16 * step);
            mmaBf16(kk[2 * n], k, other[0], other[1]);
            mmaBf16(kk[2 * n + 1], k, other[2], other[3]);
            mmaBf16(qk[2 * n], q, other[0], other[1]);
            mmaBf16(qk[2 * n + 1], q, other[2], other[3]);
        }
    }
    syncThreads();  // the tiles have been read: L takes their place
    const std::size_t square = unit * tokens * tokens;
    AIRFRAME_UNROLL
    for (int n = 0; n < 8; ++n) {
        if (n / 2 > warp()) continue;
        AIRFRAME_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int i = top + accRow() + 8 * half, j = 8 * n + accColumn();
            const float beta = betas[i];
            store2(L, i * solve_stride + j, {beta * kk[n][2 * half], beta * kk[n][2 * half + 1]});
            storePair(p.work.scores, square + i * tokens + j,
                      packBf16(p.scale * qk[n][2 * half] * decayBetween(sums, resets, i, j),
                               p.scale * qk[n][2 * half + 1] * decayBetween(sums, resets, i, j + 1)));
        }
    }
    syncThreads();
    invert(L, X);
    if (threadX() < tokens) {
        const int i = threadX();
        const std::size_t at = unit * 2 * tokens + i;
        p.work.gates[at] = resets[i] == 0 ? exponential(sums[i]) : 0.0f;
        p.work.gates[at + tokens] = decayBetween(sums, resets, tokens - 1, i);
    }
    syncThreads();
    for (int e = threadX(); e < tokens * tokens / 2; e += threads) {
        const int i = e / (tokens / 2), j = e % (tokens / 2) * 2;
        if (j / 16 > i / 16) continue;
        storePair(p.work.solve, square + i * tokens + j,
                  packBf16(X[i * solve_stride + j] * decayBetween(sums, resets, i, j) * betas[j],
                           X[i * solve_stride + j + 1] * decayBetween(sums, resets, i, j + 1) * betas[j + 1]));
    }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/attention_arguments.cuh"

namespace airframe::kernels::cuda {

namespace attending {
/// Greatest logit and sum of 2^(x - max) of some positions; max = -infinity: none yet.
struct Statistics {
    float max, sum;
};
AIRFRAME_DEVICE Statistics join(const Statistics& a, const Statistics& b) {
    const float max = greater(a.max, b.max);
    return {max, a.sum * weightOf(a.max, max) + b.sum * weightOf(b.max, max)};
}

template <int DT>
struct CombineSizes {
    static constexpr int d = 16 * DT, quads = d / 4;  ///< four elements a thread
    static constexpr int slices = threads / quads;    ///< of the splits, side by side
    static constexpr int sums_byte = 32;              ///< the warps' statistics stand before
    static constexpr int bytes = sums_byte + 4 * slices * d;
};
}  // namespace attending

template <int DT>
inline Grid attentionCombineGrid(std::size_t batch, std::size_t tokens, std::size_t heads) {
    return {static_cast<unsigned>(batch * tokens * heads), 1, 1, attending::threads,
            attending::CombineSizes<DT>::bytes};
}

/// Joins the splits of one query of one head per block: grid (B*T*H), 128 threads. The splits' statistics are joined
/// thread by thread, then slices of the splits' sums are added side by side: with one sequence and a long cache there
/// are more splits than heads. The sink, if any, joins the sum of the weights and nothing else.
template <int DT, class Q>
AIRFRAME_DEVICE void attentionCombine(const AttentionArguments<Q>& p) {
    using namespace attending;
    using Size = CombineSizes<DT>;
    const std::size_t query = blockX(), first = query * p.splits;
    Statistics all{-infinity(), 0};
    for (int split = threadX(); split < p.splits; split += threads) {
        const Float2 s = load2(p.statistics, (first + split) * 2);
        all = join(all, {s.x, s.y});
    }
    AIRFRAME_UNROLL
    for (int by = 16; by > 0; by /= 2) all = join(all, {shuffleXor(all.max, by), shuffleXor(all.sum, by)});
    const auto of_warps = sharedArray<float>(0, 2 * threads / 32);
    if (lane() == 0) store2(of_warps, 2 * warp(), {all.max, all.sum});
    syncThreads();
    all = {-infinity(), 0};
    if (p.sinks.given()) {
        all.max = p.sinks[query % p.heads] * log2_e;
        all.sum = all.max == -infinity() ? 0.0f : 1.0f;
    }
    AIRFRAME_UNROLL
    for (int w = 0; w < threads / 32; ++w) {
        const Float2 s = load2(of_warps, 2 * w);
        all = join(all, {s.x, s.y});
    }
    const auto sums = sharedArray<float>(Size::sums_byte, Size::slices * Size::d);
    const int slice = threadX() / Size::quads, own = threadX() % Size::quads * 4;
    if (slice < Size::slices) {
        Float4 value{0, 0, 0, 0};
        AIRFRAME_UNROLL4
        for (int split = slice; split < p.splits; split += Size::slices) {
            const float weight = weightOf(p.statistics[(first + split) * 2], all.max);
            const Float4 part = load4(p.partial, (first + split) * Size::d + own);
            const bool some = weight > 0;  // an empty split has written nothing
            value.x += some ? weight * part.x : 0.0f;
            value.y += some ? weight * part.y : 0.0f;
            value.z += some ? weight * part.z : 0.0f;
            value.w += some ? weight * part.w : 0.0f;
        }
        store4(sums, slice * Size::d + own, value);
    }
    syncThreads();
    for (int c = threadX(); c < Size::d; c += threads) {
        float value = 0;
        AIRFRAME_UNROLL
        for (int i = 0; i < Size::slices; ++i) value += sums[i * Size::d + c];
        p.out[query * Size::d + c] = narrow<Q>(value / all.sum);
    }
}

}  // namespace airframe::kernels::cuda

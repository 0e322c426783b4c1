// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "kernels/cuda/attention_decode.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "attention";

template <int DT>
__global__ void __launch_bounds__(attention::threads) splitsKernel(const __grid_constant__ AttentionArguments p) {
    attentionSplits<DT>(p);
}
template <int DT>
__global__ void __launch_bounds__(attention::threads) combineKernel(const __grid_constant__ AttentionArguments p) {
    attentionCombine<DT>(p);
}

template <int DT>
void runSplits(const AttentionShape& s, AttentionArguments& p, DeviceMemory& workspace, const Stream& stream) {
    const std::size_t splits = static_cast<std::size_t>(p.splits), heads = s.batch * s.heads;
    workspace.grow(4 * heads * splits * (s.head_dim + 2));
    p.partial.data = static_cast<float*>(workspace.data());
    p.statistics.data = p.partial.data + heads * splits * s.head_dim;
    launch(splitsKernel<DT>, operation, attentionSplitsGrid<DT>(s.batch, s.kv_heads, splits), p, stream);
    launch(combineKernel<DT>, operation, attentionCombineGrid(s.batch, s.heads), p, stream);
}

}  // namespace

void attentionDecode(const AttentionShape& s, const float* q, const Bf16* keys, const Bf16* values, float* o,
                     DeviceMemory& workspace, const Stream& stream) {
    checkSizes(operation, {s.batch, s.heads, s.kv_heads, s.head_dim, s.capacity, s.end});
    checkArrays(operation, {q, keys, values, o});
    if (s.heads % s.kv_heads || s.heads / s.kv_heads > attention::rows)
        throw std::invalid_argument("attention on CUDA: " + std::to_string(s.heads) + " query heads over " +
                                    std::to_string(s.kv_heads) +
                                    " key/value heads; 1 to 16 of the former for each of the latter are possible");
    if (s.begin >= s.end || s.end > s.capacity)
        throw std::invalid_argument("attention on CUDA: positions " + std::to_string(s.begin) + ".." +
                                    std::to_string(s.end) + " of a cache for " + std::to_string(s.capacity));
    if (!aligned({keys, values}, 16))
        throw std::invalid_argument("attention on CUDA: the cache must begin at a multiple of 16 bytes");
    AttentionArguments p;
    p.heads = static_cast<int>(s.heads);
    p.kv_heads = static_cast<int>(s.kv_heads);
    p.capacity = static_cast<int>(s.capacity);
    p.begin = static_cast<int>(s.begin);
    p.end = static_cast<int>(s.end);
    p.scale = 1.0f / std::sqrt(static_cast<float>(s.head_dim));
    // Enough splits for two blocks per multiprocessor, each of at least four tiles so that the copies have something to
    // hide behind.
    int multiprocessors = 0;
    check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, 0), operation);
    const std::size_t positions = s.end - s.begin, pairs = s.batch * s.kv_heads, tile = attention::positions,
                      wanted = std::max<std::size_t>(1, 2 * static_cast<std::size_t>(multiprocessors) / pairs),
                      tiles = std::max<std::size_t>(4, ceilDiv(ceilDiv(positions, tile), wanted));
    p.span = static_cast<int>(tiles * tile);
    p.splits = static_cast<int>(ceilDiv(positions, tiles * tile));
    p.queries.data = q;
    p.keys.data = keys;
    p.values.data = values;
    p.out.data = o;
    if (s.head_dim == 64)
        runSplits<4>(s, p, workspace, stream);
    else if (s.head_dim == 128)
        runSplits<8>(s, p, workspace, stream);
    else
        throw std::invalid_argument("attention on CUDA: the head dimension is " + std::to_string(s.head_dim) +
                                    "; 64 or 128 is possible");
}

}  // namespace airframe::kernels::cuda

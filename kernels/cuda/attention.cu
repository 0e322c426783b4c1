// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "kernels/cuda/attention_combine.cuh"
#include "kernels/cuda/attention_decode.cuh"
#include "kernels/cuda/attention_prefill.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "attention";

template <int DT, class Q>
__global__ void __launch_bounds__(attending::threads) decodeKernel(const __grid_constant__ AttentionArguments<Q> p) {
    attentionDecode<DT>(p);
}
template <int DT, class Q>
__global__ void __launch_bounds__(attending::threads) prefillKernel(const __grid_constant__ AttentionArguments<Q> p) {
    attentionPrefill<DT>(p);
}
template <int DT, class Q>
__global__ void __launch_bounds__(attending::threads) combineKernel(const __grid_constant__ AttentionArguments<Q> p) {
    attentionCombine<DT>(p);
}

std::invalid_argument refused(const std::string& words) {
    return std::invalid_argument("attention on CUDA: " + words);
}

AttentionStrides given(const AttentionStrides& s, const AttentionStrides& dense) {
    const AttentionStrides out{s.batch ? s.batch : dense.batch, s.head ? s.head : dense.head,
                               s.row ? s.row : dense.row};
    if (out.batch % 8 || out.head % 8 || out.row % 8) throw refused("strides must be multiples of 8 elements");
    return out;
}

template <class Q>
AttentionArguments<Q> argumentsOf(const AttentionShape& s, const AttentionInputs<Q, Bf16>& in, Q* o) {
    checkSizes(operation, {s.batch, s.tokens, s.heads, s.groups, s.d, s.slots, s.length});
    checkSizes(operation, {s.batch * s.tokens * s.heads});
    checkArrays(operation, {in.q, in.keys, in.values, o});
    if (s.heads % s.groups)
        throw refused(std::to_string(s.heads) + " query heads cannot share " + std::to_string(s.groups) +
                      " key/value heads");
    if (s.tokens > s.length)
        throw refused(std::to_string(s.tokens) + " queries of " + std::to_string(s.length) + " positions");
    if (s.length > s.slots && !(s.ring && s.window && s.window - 1 <= s.slots && s.tokens <= s.slots - (s.window - 1)))
        throw refused(std::to_string(s.length) + " positions do not fit the cache of " + std::to_string(s.slots) +
                      " slots; a ring needs W + T - 1");
    if (!aligned({in.q, in.keys, in.values, o}, 16)) throw refused("arrays must begin at multiples of 16 bytes");
    AttentionArguments<Q> p;
    p.tokens = static_cast<int>(s.tokens);
    p.heads = static_cast<int>(s.heads);
    p.groups = static_cast<int>(s.groups);
    p.slots = static_cast<int>(s.slots);
    p.length = static_cast<int>(s.length);
    p.window = static_cast<int>(std::min<std::size_t>(s.window, INT32_MAX));
    p.scale = (s.scale > 0 ? s.scale : 1 / std::sqrt(static_cast<float>(s.d))) * attending::log2_e;
    p.q = given(s.q, {s.tokens * s.heads * s.d, s.d, s.heads * s.d});
    p.k = given(s.keys, {s.groups * s.slots * s.d, s.slots * s.d, s.d});
    p.v = given(s.values, {s.groups * s.slots * s.d, s.slots * s.d, s.d});
    p.queries.data = in.q;
    p.keys.data = in.keys;
    p.values.data = in.values;
    p.sinks.data = in.sinks;
    p.lengths.data = in.lengths;
    p.out.data = o;
    return p;
}

/// Divides the positions that a block sees, so that there are two blocks per multiprocessor; each split gets at least
/// `least` tiles of 64.
template <class Q>
void divide(const AttentionShape& s, std::size_t blocks, std::size_t least, AttentionArguments<Q>& p,
            DeviceMemory& workspace, bool always) {
    constexpr std::size_t tile = 64;
    const std::size_t seen = s.window ? std::min(s.length, s.window + s.tokens - 1) : s.length,
                      wanted = std::max<std::size_t>(1, 2 * multiprocessors(operation) / blocks),
                      tiles = std::max<std::size_t>(least, ceilDiv(ceilDiv(seen, tile), wanted));
    p.span = static_cast<int>(tiles * tile);
    p.splits = static_cast<int>(ceilDiv(seen, tiles * tile));
    if (p.splits == 1 && !always) return;
    const std::size_t parts = s.batch * s.tokens * s.heads * static_cast<std::size_t>(p.splits);
    workspace.grow(4 * parts * (s.d + 2));
    p.partial.data = static_cast<float*>(workspace.data());
    p.statistics.data = p.partial.data + parts * s.d;
}

template <int DT, class Q>
void combine(const AttentionShape& s, const AttentionArguments<Q>& p, const Stream& stream) {
    launch(combineKernel<DT, Q>, operation, attentionCombineGrid<DT>(s.batch, s.tokens, s.heads), p, stream);
}
template <int DT, class Q>
void runDecode(const AttentionShape& s, AttentionArguments<Q>& p, DeviceMemory& workspace, const Stream& stream) {
    // One tile will do: where so short a split comes about, most of the device would be idle with longer ones.
    divide(s, s.batch * s.groups, 1, p, workspace, true);
    launch(decodeKernel<DT, Q>, operation,
           attentionDecodeGrid<DT>(s.batch, s.groups, static_cast<std::size_t>(p.splits)), p, stream);
    combine<DT>(s, p, stream);
}
template <int DT, class Q>
void runPrefill(const AttentionShape& s, AttentionArguments<Q>& p, DeviceMemory& workspace, const Stream& stream) {
    const Grid one = attentionPrefillGrid<DT>(s.batch, s.tokens, s.heads, s.groups, 1);
    // Four tiles for a split's queries and results, of many rows here, to be worth their way.
    divide(s, static_cast<std::size_t>(one.x) * one.y, 4, p, workspace, false);
    launch(prefillKernel<DT, Q>, operation,
           attentionPrefillGrid<DT>(s.batch, s.tokens, s.heads, s.groups, static_cast<std::size_t>(p.splits)), p,
           stream);
    if (p.splits > 1) combine<DT>(s, p, stream);
}

template <class Q>
void run(const AttentionShape& s, const AttentionInputs<Q, Bf16>& in, Q* o, DeviceMemory& workspace,
         const Stream& stream) {
    AttentionArguments<Q> p = argumentsOf(s, in, o);
    const bool decode = s.tokens == 1 && s.heads / s.groups <= attending::rows;
    switch (s.d) {
        case 64:
            return decode ? runDecode<4>(s, p, workspace, stream) : runPrefill<4>(s, p, workspace, stream);
        case 96:
            return decode ? runDecode<6>(s, p, workspace, stream) : runPrefill<6>(s, p, workspace, stream);
        case 128:
            return decode ? runDecode<8>(s, p, workspace, stream) : runPrefill<8>(s, p, workspace, stream);
        case 256:
            return runPrefill<16>(s, p, workspace, stream);
        default:
            throw refused("the head dimension is " + std::to_string(s.d) + "; 64, 96, 128 or 256 is possible");
    }
}

}  // namespace

void attention(const AttentionShape& shape, const AttentionInputs<float, Bf16>& in, float* o, DeviceMemory& workspace,
               const Stream& stream) {
    run(shape, in, o, workspace, stream);
}
void attention(const AttentionShape& shape, const AttentionInputs<Bf16, Bf16>& in, Bf16* o, DeviceMemory& workspace,
               const Stream& stream) {
    run(shape, in, o, workspace, stream);
}

}  // namespace airframe::kernels::cuda

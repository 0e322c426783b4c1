// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/cuda/gated_delta_carry.cuh"
#include "kernels/cuda/gated_delta_recurrent.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "gated delta rule";

template <int KT>
__global__ void __launch_bounds__(recurrent::threads) recurrentKernel(const __grid_constant__ GatedDeltaArguments p) {
    gatedDeltaRecurrent<KT>(p);
}
template <int KT>
__global__ void __launch_bounds__(chunked::threads) prepareKernel(const __grid_constant__ GatedDeltaChunkArguments p) {
    gatedDeltaPrepare<KT>(p);
}
// Three blocks of a multiprocessor leave 168 registers to a thread: nothing is spilled.
template <int KT>
__global__ void __launch_bounds__(chunked::threads, KT <= 8 ? 3 : 1)
    chunksKernel(const __grid_constant__ GatedDeltaChunkArguments p) {
    gatedDeltaChunks<KT>(p);
}

/// Sizes that both argument structs share.
template <class Arguments>
Arguments arguments(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaOutputs& out) {
    Arguments p;
    p.tokens = static_cast<int>(s.tokens);
    p.heads = static_cast<int>(s.heads);
    p.k = static_cast<int>(s.k);
    p.v = static_cast<int>(s.v);
    p.scale = in.scale != 0 ? in.scale : 1.0f / std::sqrt(static_cast<float>(s.k));
    p.l2norm = in.l2norm;
    p.queries.data = in.q;
    p.keys.data = in.k;
    p.values.data = in.v;
    p.decays.data = in.g;
    p.betas.data = in.beta;
    p.initial.data = in.initial;
    p.out.data = out.o;
    p.state.data = out.state;
    return p;
}

template <int KT>
void runRecurrent(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                  const Stream& stream) {
    auto p = arguments<GatedDeltaArguments>(s, in, out);
    p.wide = s.v % 4 == 0 && aligned({in.v, in.initial, out.o, out.state}, 16);
    launch(recurrentKernel<KT>, operation, gatedDeltaRecurrentGrid(s.batch * s.heads, s.v), p, stream);
}

std::size_t sharedMemoryLimit() {
    int device = 0, bytes = 0;
    check(cudaGetDevice(&device), operation);
    check(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), operation);
    return static_cast<std::size_t>(bytes);
}

/// False, and nothing done, where the device has too little shared memory.
template <int KT>
bool runChunked(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                DeviceMemory& workspace, const Stream& stream) {
    using Size = chunked::Sizes<KT>;
    constexpr std::size_t C = chunked::tokens;
    const std::size_t limit = sharedMemoryLimit(), pairs = s.batch * s.heads, chunks = (s.tokens + C - 1) / C;
    if (limit < Size::bytes(1) || limit < Size::prepare_bytes) return false;
    auto p = arguments<GatedDeltaChunkArguments>(s, in, out);
    p.chunks = static_cast<int>(chunks);
    p.stages = limit >= Size::bytes(2) ? 2 : 1;
    p.even = s.v % 2 == 0 && aligned({in.v, in.initial, out.o, out.state}, 8);
    const std::size_t units = pairs * chunks, rows = units * C * Size::k, squares = units * C * C;
    checkSizes(operation, {units});
    workspace.grow(2 * (2 * rows + 2 * squares) + 4 * units * 2 * C);
    p.unit_queries.data = static_cast<Bf16*>(workspace.data());
    p.unit_keys.data = p.unit_queries.data + rows;
    p.solve.data = p.unit_keys.data + rows;
    p.scores.data = p.solve.data + squares;
    p.gates.data = reinterpret_cast<float*>(p.scores.data + squares);
    launch(prepareKernel<KT>, operation, gatedDeltaPrepareGrid(pairs, chunks, Size::prepare_bytes), p, stream);
    launch(chunksKernel<KT>, operation, gatedDeltaChunksGrid(pairs, s.v, Size::bytes(p.stages)), p, stream);
    return true;
}

template <int KT>
void runRule(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
             DeviceMemory& workspace, const Stream& stream, GatedDeltaPath path) {
    const bool wanted =
        path == GatedDeltaPath::chunked || (path == GatedDeltaPath::automatic && s.tokens > chunked::tokens);
    if (wanted && runChunked<KT>(s, in, out, workspace, stream)) return;
    if (path == GatedDeltaPath::chunked)
        throw std::invalid_argument(
            "gated delta rule on CUDA: the device has too little shared memory for chunks with K = " +
            std::to_string(s.k) + "; choose the recurrent path");
    runRecurrent<KT>(s, in, out, stream);
}

}  // namespace

void gatedDelta(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                DeviceMemory& workspace, const Stream& stream, GatedDeltaPath path) {
    checkSizes(operation, {s.batch, s.tokens, s.heads, s.k, s.v});
    checkSizes(operation, {s.batch * s.heads});
    checkArrays(operation, {in.q, in.k, in.v, in.g, in.beta, out.o});
    if (s.k > 256)
        throw std::invalid_argument("gated delta rule on CUDA: K is " + std::to_string(s.k) +
                                    "; at most 256 is possible");
    if (s.sequences.offsets || (s.key_heads != 0 && s.key_heads != s.heads))
        throw std::invalid_argument(
            "gated delta rule on CUDA: packed sequences and shared key heads are not possible; one call per sequence, keys "
            "repeated for every head");
    if (out.saved) throw std::invalid_argument("gated delta rule on CUDA: states for a backward pass are not saved");
    if (s.k <= 64)
        runRule<4>(s, in, out, workspace, stream, path);
    else if (s.k <= 96)
        runRule<6>(s, in, out, workspace, stream, path);
    else if (s.k <= 128)
        runRule<8>(s, in, out, workspace, stream, path);
    else
        runRule<16>(s, in, out, workspace, stream, path);
}

}  // namespace airframe::kernels::cuda

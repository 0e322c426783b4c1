// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_scan_carry.cuh"
#include "kernels/cuda/linear_scan_keys.cuh"
#include "kernels/cuda/operators.h"
#include "kernels/linear_scan_check.h"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "linear scan";

template <bool PerKey, int L, int R, class T, class State>
__global__ void __launch_bounds__(scan::threads<L>, sizeof(State) == 2 ? 1 : 0) scanKernel(const __grid_constant__ LinearScanArguments<T, State> p) {
    linearScan<PerKey, L, R>(p);
}

template <int KT, class T, class State>
__global__ void __launch_bounds__(scan_chunks::threads)
    prepareKernel(const __grid_constant__ LinearScanChunkArguments<T, State> c) {
    linearScanPrepare<KT>(c);
}
template <int KT, class T, class State>
__global__ void __launch_bounds__(scan_keys::threads, 1)
    prepareKeysKernel(const __grid_constant__ LinearScanChunkArguments<T, State> c) {
    linearScanPrepareKeys<KT>(c);
}
template <int KT, bool PerKey, class T, class State>
__global__ void __launch_bounds__(scan_chunks::threads, KT <= 8 ? 2 : 1)
    chunksKernel(const __grid_constant__ LinearScanChunkArguments<T, State> c) {
    linearScanChunks<KT, PerKey>(c);
}

template <bool PerKey, int L, int R, class T, class State>
void runRecurrent(const LinearScanArguments<T, State>& p, std::size_t pairs, const Stream& stream) {
    launch(scanKernel<PerKey, L, R, T, State>, operation, linearScanGrid<L>(pairs, static_cast<std::size_t>(p.v)), p, stream);
}
template <bool PerKey, class T, class State>
void runRecurrent(const LinearScanArguments<T, State>& p, std::size_t pairs, const Stream& stream) {
    if (p.k <= 64)
        runRecurrent<PerKey, 2, 4>(p, pairs, stream);
    else if (p.k <= 128)
        runRecurrent<PerKey, 2, 8>(p, pairs, stream);
    else if (p.k <= 256)
        runRecurrent<PerKey, 2, 16>(p, pairs, stream);
    else
        runRecurrent<PerKey, 1, 16>(p, pairs, stream);
}

/// The workspace in parts that begin at multiples of 16 bytes.
struct Parts {
    std::size_t q, k, gates, scores, key_decays;  ///< elements

    [[nodiscard]] std::size_t bytes() const { return 2 * (q + k + scores) + 8 * gates + 4 * key_decays; }
    [[nodiscard]] LinearScanWorkspace in(const DeviceMemory& memory) const {
        LinearScanWorkspace work;
        work.queries.data = static_cast<Bf16*>(memory.data());
        work.keys.data = work.queries.data + q;
        work.scores.data = work.keys.data + k;
        work.key_decays.data = reinterpret_cast<float*>(work.scores.data + scores);
        work.sums.data = work.key_decays.data + key_decays;
        work.resets.data = reinterpret_cast<int*>(work.sums.data + gates);
        return work;
    }
};

/// False, and nothing done, where the device has too little shared memory.
template <int KT, bool PerKey, class T, class State>
bool runChunked(LinearScanChunkArguments<T, State> c, std::size_t batch, DeviceMemory& workspace, const Stream& stream) {
    using Size = scan_chunks::Sizes<KT, PerKey>;
    constexpr std::size_t C = scan_chunks::tokens;
    const auto& p = c.call;
    const std::size_t limit = sharedMemoryLimit(operation);
    if (limit < Size::bytes(1) || (PerKey && limit < scan_keys::Sizes<KT>::bytes)) return false;
    const std::size_t chunks = ceilDiv(static_cast<std::size_t>(p.tokens), C), pairs = batch * static_cast<std::size_t>(p.heads);
    const auto q_heads = static_cast<std::size_t>(p.q_heads), k_heads = static_cast<std::size_t>(p.k_heads),
               gate_heads = static_cast<std::size_t>(c.gate_heads), units = batch * chunks;
    checkSizes(operation, {pairs * chunks, units * (q_heads + k_heads + gate_heads)});
    c.chunks = static_cast<int>(chunks);
    c.stages = limit >= Size::bytes(2) ? 2 : 1;
    const std::size_t tile = C * Size::k;
    const Parts parts = PerKey ? Parts{pairs * chunks * tile, pairs * chunks * tile, 0, pairs * chunks * C * C, pairs * chunks * Size::k}
                               : Parts{units * q_heads * tile, units * k_heads * tile, units * gate_heads * C, 0, 0};
    workspace.grow(parts.bytes());
    c.work = parts.in(workspace);
    if constexpr (PerKey)
        launch(prepareKeysKernel<KT, T, State>, operation, linearScanPrepareKeysGrid<KT>(pairs, chunks), c, stream);
    else
        launch(prepareKernel<KT, T, State>, operation, linearScanPrepareGrid(batch, q_heads + k_heads + gate_heads, chunks), c, stream);
    launch(chunksKernel<KT, PerKey, T, State>, operation,
           linearScanChunksGrid(pairs, static_cast<std::size_t>(p.v), Size::bytes(c.stages)), c, stream);
    return true;
}
template <bool PerKey, class T, class State>
bool runChunked(const LinearScanChunkArguments<T, State>& c, std::size_t batch, DeviceMemory& workspace, const Stream& stream) {
    return c.call.k <= 64    ? runChunked<4, PerKey>(c, batch, workspace, stream)
           : c.call.k <= 128 ? runChunked<8, PerKey>(c, batch, workspace, stream)
                             : runChunked<16, PerKey>(c, batch, workspace, stream);
}

template <class T, class State>
void scanOf(const LinearScanShape& shape, const LinearScanInputs<T, State>& in, const LinearScanOutputs<T, State>& out,
            DeviceMemory& workspace, const Stream& stream, RulePath path) {
    const LinearScanShape s = filled(shape);
    checkLinearScanShape(s, "linear scan on CUDA");
    checkLinearScanArrays(s, in, out, "linear scan on CUDA");
    checkPacked(operation, s.sequences, s.batch);
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    checkSizes(operation, {s.tokens, s.heads, s.q_stride, s.k_stride, s.v_stride, s.skip_stride, pairs});
    LinearScanArguments<T, State> p;
    p.tokens = static_cast<int>(s.tokens);
    p.heads = static_cast<int>(s.heads);
    p.k = static_cast<int>(s.k);
    p.v = static_cast<int>(s.v);
    p.q_heads = static_cast<int>(s.q_heads);
    p.k_heads = static_cast<int>(s.k_heads);
    p.v_heads = static_cast<int>(s.v_heads);
    p.g_heads = static_cast<int>(s.g_heads);
    p.q_stride = static_cast<int>(s.q_stride);
    p.k_stride = static_cast<int>(s.k_stride);
    p.v_stride = static_cast<int>(s.v_stride);
    p.skip_stride = static_cast<int>(s.skip_stride);
    p.decay = s.decay;
    p.scale = s.scale;
    p.wide = s.v % 4 == 0 && s.v_stride % 4 == 0 && aligned({in.v}, 4 * sizeof(T)) && aligned({in.initial, out.state}, 4 * sizeof(State));
    p.queries.data = in.q;
    p.keys.data = in.k;
    p.values.data = in.v;
    p.skip_inputs.data = in.skip_input;
    p.decays.data = in.g;
    p.initial.data = in.initial;
    p.skips.data = in.skip;
    p.offsets.data = s.sequences.offsets;
    p.out.data = out.o;
    p.state.data = out.state;

    const bool possible = !s.sequences.offsets && s.k <= 256;
    if (possible && (path == RulePath::chunked || (path == RulePath::automatic && s.tokens > scan_chunks::tokens))) {
        LinearScanChunkArguments<T, State> c;
        c.call = p;
        c.gate_heads = s.decay == Decay::none ? 1 : s.decay == Decay::constant ? p.heads : p.g_heads;
        c.even = s.v % 2 == 0 && s.v_stride % 2 == 0 && s.skip_stride % 2 == 0 &&
                 aligned({in.v, in.skip ? in.skip_input : nullptr, out.o}, 2 * sizeof(T)) && aligned({in.initial, out.state}, 2 * sizeof(State));
        if (s.decay == Decay::key ? runChunked<true>(c, s.batch, workspace, stream) : runChunked<false>(c, s.batch, workspace, stream))
            return;
    }
    if (path == RulePath::chunked)
        throw std::invalid_argument(
            "linear scan on CUDA: no chunks of packed sequences, with K above 256, or where the device has too little shared memory "
            "for K = " +
            std::to_string(s.k) + "; choose the recurrent path");
    s.decay == Decay::key ? runRecurrent<true>(p, pairs, stream) : runRecurrent<false>(p, pairs, stream);
}

}  // namespace

void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path) {
    scanOf(shape, in, out, workspace, stream, path);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path) {
    scanOf(shape, in, out, workspace, stream, path);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float, Bf16>& in, const LinearScanOutputs<float, Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path) {
    scanOf(shape, in, out, workspace, stream, path);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16, Bf16>& in, const LinearScanOutputs<Bf16, Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path) {
    scanOf(shape, in, out, workspace, stream, path);
}

}  // namespace airframe::kernels::cuda

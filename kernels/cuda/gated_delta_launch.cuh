// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "kernels/cuda/gated_delta_carry.cuh"
#include "kernels/cuda/gated_delta_recurrent.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

// Checks, choice and launch of the gated delta rule's kernels for one pair of element types; gated_delta.cu and
// gated_delta_bf16.cu instantiate it, so that they are compiled side by side.

namespace airframe::kernels::cuda::gated_delta {

inline constexpr const char* operation = "gated delta rule";

template <int L, int R, class T, class State>
__global__ void __launch_bounds__(recurrent::threads<L>)
    recurrentKernel(const __grid_constant__ GatedDeltaArguments<T, State> p) {
    gatedDeltaRecurrent<L, R>(p);
}
template <int KT, class T>
__global__ void __launch_bounds__(chunked::threads) prepareKernel(const __grid_constant__ GatedDeltaPrepareArguments<T> p) {
    gatedDeltaPrepare<KT>(p);
}
// Three blocks of a multiprocessor leave 168 registers to a thread: nothing is spilled.
template <int KT, class T, class State>
__global__ void __launch_bounds__(chunked::threads, KT <= 8 ? 3 : 1)
    chunksKernel(const __grid_constant__ GatedDeltaChunkArguments<T, State> p) {
    gatedDeltaChunks<KT>(p);
}

/// One call: its arguments, and what is asked of it.
template <class T, class State>
struct Call {
    const GatedDeltaShape& s;
    const GatedDeltaInputsOf<T, State>& in;
    const GatedDeltaOutputsOf<T, State>& out;
    DeviceMemory& workspace;
    const Stream& stream;

    [[nodiscard]] std::size_t pairs() const { return sequenceCount(s.sequences, s.batch) * s.heads; }
    [[nodiscard]] std::size_t keyHeads() const { return s.key_heads ? s.key_heads : s.heads; }
    [[nodiscard]] float scale() const { return in.scale != 0 ? in.scale : 1.0f / std::sqrt(static_cast<float>(s.k)); }
    /// Whether rows of V elements may be accessed `n` elements at a time.
    [[nodiscard]] bool rowsOf(std::size_t n) const {
        return s.v % n == 0 && aligned({in.v, out.o}, n * sizeof(T)) && aligned({in.initial, out.state}, n * sizeof(State));
    }

    template <int L, int R>
    void recurrentRule() const {
        GatedDeltaArguments<T, State> p;
        p.tokens = static_cast<int>(s.tokens);
        p.heads = static_cast<int>(s.heads);
        p.key_heads = static_cast<int>(keyHeads());
        p.k = static_cast<int>(s.k);
        p.v = static_cast<int>(s.v);
        p.scale = scale();
        p.l2norm = in.l2norm;
        p.wide = rowsOf(4);
        p.queries.data = in.q;
        p.keys.data = in.k;
        p.values.data = in.v;
        p.decays.data = in.g;
        p.betas.data = in.beta;
        p.initial.data = in.initial;
        p.offsets.data = s.sequences.offsets;
        p.out.data = out.o;
        p.state.data = out.state;
        launch(recurrentKernel<L, R, T, State>, operation, gatedDeltaRecurrentGrid<L>(pairs(), s.v), p, stream);
    }

    /// False, and nothing done, where the device has too little shared memory.
    template <int KT>
    [[nodiscard]] bool chunkedRule() const {
        using Size = chunked::Sizes<KT>;
        constexpr std::size_t C = chunked::tokens;
        const std::size_t limit = sharedMemoryLimit(operation), chunks = (s.tokens + C - 1) / C, units = pairs() * chunks;
        if (limit < Size::bytes(1) || limit < Size::prepare_bytes) return false;
        const std::size_t rows = units * C * Size::k, squares = units * C * C;
        checkSizes(operation, {units});
        workspace.grow(2 * (2 * rows + 2 * squares) + 4 * units * 2 * C);
        GatedDeltaWorkspace work;
        work.unit_queries.data = static_cast<Bf16*>(workspace.data());
        work.unit_keys.data = work.unit_queries.data + rows;
        work.solve.data = work.unit_keys.data + rows;
        work.scores.data = work.solve.data + squares;
        work.gates.data = reinterpret_cast<float*>(work.scores.data + squares);

        GatedDeltaPrepareArguments<T> first;
        first.tokens = static_cast<int>(s.tokens);
        first.heads = static_cast<int>(s.heads);
        first.key_heads = static_cast<int>(keyHeads());
        first.k = static_cast<int>(s.k);
        first.chunks = static_cast<int>(chunks);
        first.scale = scale();
        first.l2norm = in.l2norm;
        first.queries.data = in.q;
        first.keys.data = in.k;
        first.decays.data = in.g;
        first.betas.data = in.beta;
        first.work = work;
        launch(prepareKernel<KT, T>, operation, gatedDeltaPrepareGrid(pairs(), chunks, Size::prepare_bytes), first, stream);

        GatedDeltaChunkArguments<T, State> second;
        second.tokens = static_cast<int>(s.tokens);
        second.heads = static_cast<int>(s.heads);
        second.k = static_cast<int>(s.k);
        second.v = static_cast<int>(s.v);
        second.chunks = static_cast<int>(chunks);
        second.stages = limit >= Size::bytes(2) ? 2 : 1;
        second.scale = scale();
        second.even = rowsOf(2);
        second.values.data = in.v;
        second.initial.data = in.initial;
        second.out.data = out.o;
        second.state.data = out.state;
        second.work = work;
        launch(chunksKernel<KT, T, State>, operation, gatedDeltaChunksGrid(pairs(), s.v, Size::bytes(second.stages)), second, stream);
        return true;
    }

    void recurrentRule() const {
        if (s.k <= 64)
            recurrentRule<4, 8>();
        else if (s.k <= 96)
            recurrentRule<4, 12>();
        else if (s.k <= 128)
            recurrentRule<4, 16>();
        else if (s.k <= 256)
            recurrentRule<4, 32>();
        else
            recurrentRule<2, 32>();
    }
    [[nodiscard]] bool chunkedRule() const {
        if (s.sequences.offsets || s.k > 256) return false;
        return s.k <= 64 ? chunkedRule<4>() : s.k <= 96 ? chunkedRule<6>() : s.k <= 128 ? chunkedRule<8>() : chunkedRule<16>();
    }
};

template <class T, class State>
void run(const GatedDeltaShape& s, const GatedDeltaInputsOf<T, State>& in, const GatedDeltaOutputsOf<T, State>& out,
         DeviceMemory& workspace, const Stream& stream, RulePath path) {
    const Call<T, State> call{s, in, out, workspace, stream};
    const auto refuse = [](const std::string& why) { throw std::invalid_argument("gated delta rule on CUDA: " + why); };
    checkPacked(operation, s.sequences, s.batch);
    checkSizes(operation, {s.batch, s.tokens, s.heads, s.k, s.v, call.pairs()});
    checkArrays(operation, {in.q, in.k, in.v, in.beta, out.o});
    if (s.k > 512) refuse("K is " + std::to_string(s.k) + "; at most 512 is possible");
    if (s.heads % call.keyHeads() != 0)
        refuse(std::to_string(s.heads) + " heads are no multiple of " + std::to_string(s.key_heads) + " key heads");
    if (out.saved) refuse("states for a backward pass are not saved");
    const bool wanted = path == RulePath::chunked || (path == RulePath::automatic && s.tokens > chunked::tokens);
    if (wanted && call.chunkedRule()) return;
    if (path == RulePath::chunked)
        refuse("no chunks of packed sequences, with K above 256, or where the device has too little shared memory for K = " +
               std::to_string(s.k) + "; choose the recurrent path");
    call.recurrentRule();
}

}  // namespace airframe::kernels::cuda::gated_delta

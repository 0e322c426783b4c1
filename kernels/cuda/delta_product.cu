// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/delta_product.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "delta product";

template <int L, int R, class T, class State>
__global__ void __launch_bounds__(product::threads<L>, 1)
    productKernel(const __grid_constant__ DeltaProductArguments<T, State> p) {
    deltaProduct<L, R>(p);
}

template <int L, int R, class T, class State>
void run(const DeltaProductArguments<T, State>& p, std::size_t pairs, const Stream& stream) {
    launch(productKernel<L, R, T, State>, operation, deltaProductGrid<L>(pairs, static_cast<std::size_t>(p.v)), p, stream);
}

template <class T, class State>
void productOf(const DeltaProductShape& s, const DeltaProductInputs<T, State>& in, const DeltaProductOutputs<T, State>& out,
               const Stream& stream) {
    checkPacked(operation, s.sequences, s.batch);
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    checkSizes(operation, {s.batch, s.tokens, s.heads, s.k, s.v, pairs});
    checkArrays(operation, {in.r, in.w, in.k, in.v, in.a, in.b, out.o});
    if (s.k > 512 || s.v > 512)
        throw std::invalid_argument("delta product on CUDA: K = " + std::to_string(s.k) + " and V = " + std::to_string(s.v) +
                                    " must lie in 1..512");
    DeltaProductArguments<T, State> p;
    p.tokens = static_cast<int>(s.tokens);
    p.heads = static_cast<int>(s.heads);
    p.k = static_cast<int>(s.k);
    p.v = static_cast<int>(s.v);
    p.scale = s.scale;
    p.wide = s.v % 4 == 0 && aligned({in.v}, 4 * sizeof(T)) && aligned({in.initial, out.state}, 4 * sizeof(State));
    p.reads.data = in.r;
    p.keys.data = in.k;
    p.values.data = in.v;
    p.removals.data = in.a;
    p.returns.data = in.b;
    p.decays.data = in.w;
    p.initial.data = in.initial;
    p.offsets.data = s.sequences.offsets;
    p.out.data = out.o;
    p.state.data = out.state;
    if (s.k <= 64)
        run<2, 4>(p, pairs, stream);
    else if (s.k <= 128)
        run<2, 8>(p, pairs, stream);
    else if (s.k <= 256)
        run<1, 8>(p, pairs, stream);
    else
        run<1, 16>(p, pairs, stream);
}

}  // namespace

void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in,
                  const DeltaProductOutputs<float>& out, const Stream& stream) {
    productOf(shape, in, out, stream);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                  const Stream& stream) {
    productOf(shape, in, out, stream);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float, Bf16>& in,
                  const DeltaProductOutputs<float, Bf16>& out, const Stream& stream) {
    productOf(shape, in, out, stream);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16, Bf16>& in,
                  const DeltaProductOutputs<Bf16, Bf16>& out, const Stream& stream) {
    productOf(shape, in, out, stream);
}

}  // namespace airframe::kernels::cuda

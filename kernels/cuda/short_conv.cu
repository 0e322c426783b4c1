// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"
#include "kernels/cuda/short_conv.cuh"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "short convolution";

template <int W, class T>
__global__ void __launch_bounds__(short_conv::threads) convKernel(const __grid_constant__ ShortConvArguments<T> p) {
    shortConv<W>(p);
}

template <class T>
void convOf(const ShortConvShape& s, const ShortConvInputs<T>& in, const ShortConvOutputs<T>& out, const Stream& stream) {
    const std::size_t stride = s.stride ? s.stride : s.channels, sequences = sequenceCount(s.sequences, s.batch);
    checkPacked(operation, s.sequences, s.batch);
    checkSizes(operation, {s.batch, s.tokens, s.channels, stride});
    checkSizes(operation, {sequences * ceilDiv(s.channels, short_conv::threads)});
    checkArrays(operation, {in.u, in.weight, out.y});
    if (s.taps < 2 || s.taps > 4)
        throw std::invalid_argument("short convolution on CUDA: " + std::to_string(s.taps) + " taps; 2 to 4 were wanted");
    if (stride < s.channels)
        throw std::invalid_argument("short convolution on CUDA: the stride " + std::to_string(stride) + " is below " +
                                    std::to_string(s.channels) + " channels");
    const Grid grid = shortConvGrid(sequences, s.batch * s.tokens / sequences, s.channels);
    ShortConvArguments<T> p;
    p.tokens = static_cast<int>(s.tokens);
    p.channels = static_cast<int>(s.channels);
    p.stride = static_cast<int>(stride);
    p.silu = s.silu;
    p.lanes = static_cast<int>(grid.y);
    p.u.data = in.u;
    p.weight.data = in.weight;
    p.bias.data = in.bias;
    p.window.data = in.window;
    p.offsets.data = s.sequences.offsets;
    p.y.data = out.y;
    p.next_window.data = out.window;
    launch(s.taps == 2 ? convKernel<2, T> : s.taps == 3 ? convKernel<3, T> : convKernel<4, T>, operation, grid, p, stream);
}

}  // namespace

void shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
               const Stream& stream) {
    convOf(shape, in, out, stream);
}
void shortConv(const ShortConvShape& shape, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
               const Stream& stream) {
    convOf(shape, in, out, stream);
}

}  // namespace airframe::kernels::cuda

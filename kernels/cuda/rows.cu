// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/dynamic_conv.cuh"
#include "kernels/cuda/gated_norm.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

__global__ void __launch_bounds__(conv::threads) convKernel(const __grid_constant__ DynamicConvArguments p) { dynamicConv(p); }
__global__ void __launch_bounds__(norm::threads) normKernel(const __grid_constant__ GatedNormArguments p) { gatedNorm(p); }

}  // namespace

void dynamicConv(const DynamicConvShape& s, const DynamicConvInputs<float>& in, const DynamicConvOutputs<float>& out,
                 const Stream& stream) {
    constexpr const char* operation = "dynamic convolution";
    const std::size_t stride = s.stride ? s.stride : s.channels;
    checkSizes(operation, {s.batch, s.tokens, s.channels, stride});
    checkArrays(operation, {in.u, in.taps, out.y});
    if (stride < s.channels) throw std::invalid_argument("dynamic convolution on CUDA: the stride is below the channels");
    if (!aligned({in.taps, in.window, out.window}, 16))
        throw std::invalid_argument("dynamic convolution on CUDA: taps and windows must begin at multiples of 16 bytes");
    DynamicConvArguments p;
    p.tokens = static_cast<int>(s.tokens);
    p.channels = static_cast<int>(s.channels);
    p.stride = static_cast<int>(stride);
    p.u.data = in.u;
    p.taps.data = in.taps;
    p.window.data = in.window;
    p.y.data = out.y;
    p.next_window.data = out.window;
    launch(convKernel, operation, dynamicConvGrid(s.batch, s.tokens, s.channels), p, stream);
}

void gatedNorm(const GatedNormShape& s, std::size_t rows, const float* o, const float* weight, const float* gate, float* y,
               const Stream& stream) {
    constexpr const char* operation = "gated norm";
    checkSizes(operation, {rows, s.heads, s.v, s.stride});
    checkArrays(operation, {o, weight, gate, y});
    if (s.stride < s.heads * s.v) throw std::invalid_argument("gated norm on CUDA: the stride is below H*V");
    GatedNormArguments p;
    p.rows = static_cast<int>(rows);
    p.heads = static_cast<int>(s.heads);
    p.v = static_cast<int>(s.v);
    p.stride = static_cast<int>(s.stride);
    p.eps = s.eps;
    p.wide = s.v % 4 == 0 && s.stride % 4 == 0 && aligned({o, weight, gate, y}, 16);
    p.x.data = o;
    p.weight.data = weight;
    p.gate.data = gate;
    p.y.data = y;
    launch(normKernel, operation, gatedNormGrid(rows, s.heads), p, stream);
}

}  // namespace airframe::kernels::cuda

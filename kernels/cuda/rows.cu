// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/dynamic_conv.cuh"
#include "kernels/cuda/gated_norm.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

template <class T>
__global__ void __launch_bounds__(conv::threads) convKernel(const __grid_constant__ DynamicConvArguments<T> p) {
    dynamicConv(p);
}
template <class T>
__global__ void __launch_bounds__(norm::threads) normKernel(const __grid_constant__ GatedNormArguments<T> p) {
    gatedNorm(p);
}

template <class T>
void runConv(const DynamicConvShape& s, const DynamicConvInputs<T>& in, const DynamicConvOutputs<T>& out,
             const Stream& stream) {
    constexpr const char* operation = "dynamic convolution";
    const std::size_t stride = s.stride ? s.stride : s.channels;
    checkSizes(operation, {s.batch, s.tokens, s.channels, stride});
    checkArrays(operation, {in.u, in.taps, out.y});
    if (stride < s.channels)
        throw std::invalid_argument("dynamic convolution on CUDA: the stride is below the channels");
    if (!aligned({in.taps, in.window, out.window}, 4 * sizeof(T)))
        throw std::invalid_argument(
            "dynamic convolution on CUDA: taps and windows must begin at multiples of four elements");
    DynamicConvArguments<T> p;
    p.tokens = static_cast<int>(s.tokens);
    p.channels = static_cast<int>(s.channels);
    p.stride = static_cast<int>(stride);
    p.u.data = in.u;
    p.taps.data = in.taps;
    p.window.data = in.window;
    p.y.data = out.y;
    p.next_window.data = out.window;
    launch(convKernel<T>, operation, dynamicConvGrid(s.batch, s.tokens, s.channels), p, stream);
}

template <class T>
void runNorm(const GatedNormShape& s, std::size_t rows, const float* o, const float* weight, const T* gate, T* y,
             const Stream& stream) {
    constexpr const char* operation = "gated norm";
    checkSizes(operation, {rows, s.heads, s.v, s.stride});
    checkArrays(operation, {o, weight, gate, y});
    if (s.stride < s.heads * s.v) throw std::invalid_argument("gated norm on CUDA: the stride is below H*V");
    GatedNormArguments<T> p;
    p.rows = static_cast<int>(rows);
    p.heads = static_cast<int>(s.heads);
    p.v = static_cast<int>(s.v);
    p.stride = static_cast<int>(s.stride);
    p.eps = s.eps;
    p.wide = s.v % 4 == 0 && s.stride % 4 == 0 && aligned({o, weight}, 16) && aligned({gate, y}, 4 * sizeof(T));
    p.x.data = o;
    p.weight.data = weight;
    p.gate.data = gate;
    p.y.data = y;
    launch(normKernel<T>, operation, gatedNormGrid(rows, s.heads), p, stream);
}

}  // namespace

void dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                 const DynamicConvOutputs<float>& out, const Stream& stream) {
    runConv(shape, in, out, stream);
}
void dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<Bf16>& in, const DynamicConvOutputs<Bf16>& out,
                 const Stream& stream) {
    runConv(shape, in, out, stream);
}
void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const float* gate,
               float* y, const Stream& stream) {
    runNorm(shape, rows, o, weight, gate, y, stream);
}
void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const Bf16* gate,
               Bf16* y, const Stream& stream) {
    runNorm(shape, rows, o, weight, gate, y, stream);
}

}  // namespace airframe::kernels::cuda

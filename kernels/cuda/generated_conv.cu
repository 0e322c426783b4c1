// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/generated_conv_decode.cuh"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {

template <class T>
__global__ void __launch_bounds__(generated::threads)
    generatedConvKernel(const __grid_constant__ GeneratedConvArguments<T> p) {
    generatedConv(p);
}

template <class T>
struct DecodeArguments {
    GeneratedConvArguments<T> p;
    int batch = 0;
};
template <class T>
__global__ void __launch_bounds__(generated_decode::threads)
    generatedConvDecodeKernel(const __grid_constant__ DecodeArguments<T> a) {
    generatedConvDecode(a.p, a.batch);
}

template <class T>
void run(const DynamicConvShape& s, const GeneratedConvInputs<T>& in, const DynamicConvOutputs<T>& out,
         const Stream& stream) {
    constexpr const char* operation = "generated convolution";
    const std::size_t stride = s.stride ? s.stride : s.channels;
    checkSizes(operation, {s.batch, s.tokens, 4 * s.channels, stride, in.generator});
    checkArrays(operation, {in.u, in.hidden, in.weight, in.bias, out.y});
    if (stride < s.channels)
        throw std::invalid_argument("generated convolution on CUDA: the stride is below the channels");
    if (in.generator % generated::depth)
        throw std::invalid_argument("generated convolution on CUDA: R is " + std::to_string(in.generator) +
                                    "; a multiple of 32 is possible");
    if (!aligned({in.hidden, in.weight, in.bias}, 16))
        throw std::invalid_argument(
            "generated convolution on CUDA: hidden, weight and bias must begin at multiples of 16 bytes");
    GeneratedConvArguments<T> p;
    p.tokens = static_cast<int>(s.tokens);
    p.channels = static_cast<int>(s.channels);
    p.stride = static_cast<int>(stride);
    p.generator = static_cast<int>(in.generator);
    p.u.data = in.u;
    p.bias.data = in.bias;
    p.window.data = in.window;
    p.hidden.data = in.hidden;
    p.weight.data = in.weight;
    p.y.data = out.y;
    p.next_window.data = out.window;
    if (s.tokens == 1)
        launch(generatedConvDecodeKernel<T>, operation, generatedConvDecodeGrid(s.batch, s.channels),
               DecodeArguments<T>{p, static_cast<int>(s.batch)}, stream);
    else
        launch(generatedConvKernel<T>, operation, generatedConvGrid(s.batch, s.tokens, s.channels), p, stream);
}

}  // namespace

void generatedConv(const DynamicConvShape& shape, const GeneratedConvInputs<float>& in,
                   const DynamicConvOutputs<float>& out, const Stream& stream) {
    run(shape, in, out, stream);
}
void generatedConv(const DynamicConvShape& shape, const GeneratedConvInputs<Bf16>& in,
                   const DynamicConvOutputs<Bf16>& out, const Stream& stream) {
    run(shape, in, out, stream);
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/dynamic_conv.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

void check(const DynamicConvShape& s, std::size_t begin, std::size_t end, std::initializer_list<const void*> arrays) {
    if (s.batch == 0 || s.tokens == 0 || s.channels == 0)
        throw std::invalid_argument("dynamic convolution: every size must be at least 1");
    if (s.stride != 0 && s.stride < s.channels)
        throw std::invalid_argument("dynamic convolution: the stride " + std::to_string(s.stride) + " is below " +
                                    std::to_string(s.channels) + " channels");
    if (begin > end || end > s.channels)
        throw std::invalid_argument("dynamic convolution: channels " + std::to_string(begin) + ".." +
                                    std::to_string(end) + " are outside " + std::to_string(s.channels));
    for (const void* array : arrays)
        if (!array) throw std::invalid_argument("dynamic convolution: an array is missing");
}

}  // namespace

void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                        const DynamicConvOutputs<float>& out, std::size_t begin, std::size_t end) {
    check(shape, begin, end, {in.u, in.taps, out.y});
    simd::dynamicConvForward(shape, in, out, begin, end);
}

void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<Bf16>& in,
                        const DynamicConvOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    check(shape, begin, end, {in.u, in.taps, out.y});
    simd::dynamicConvForward(shape, in, out, begin, end);
}

void dynamicConvBackward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                         const DynamicConvGradients& grad, std::size_t begin, std::size_t end) {
    check(shape, begin, end, {in.u, in.taps, grad.d_y, grad.d_u, grad.d_taps});
    if (shape.stride != 0 && shape.stride != shape.channels)
        throw std::invalid_argument("dynamic convolution: gradients want dense values");
    simd::dynamicConvBackward(shape, in, grad, begin, end);
}

}  // namespace airframe::kernels

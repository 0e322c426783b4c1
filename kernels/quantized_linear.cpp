// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/quantized_linear.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kernels/simd/quantized_linear_simd.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

template <class T>
LinearOutputs checked(const PackedWeight& w, LinearInputs<T>& in, LinearOutputs out, std::size_t begin, std::size_t end) {
    const auto fail = [](const std::string& what) { throw std::invalid_argument("quantized_linear: " + what); };
    if (!in.x || !out.y) fail(std::string(in.x ? "y" : "x") + " is missing; an array was wanted");
    if (in.x_stride == 0) in.x_stride = w.columns();
    if (out.y_stride == 0) out.y_stride = w.rows();
    if (begin > end || end > w.units())
        fail("units " + std::to_string(begin) + " to " + std::to_string(end) + " of " + std::to_string(w.units()));
    if (out.first > begin * PackedWeight::lanes) fail("y begins at output " + std::to_string(out.first) + ", behind unit " + std::to_string(begin));
    const std::size_t columns = std::min(end * PackedWeight::lanes, w.rows()) - std::min(out.first, w.rows());
    if (in.x_stride < w.columns() || out.y_stride < columns)
        fail("rows of x lie " + std::to_string(in.x_stride) + " and rows of y " + std::to_string(out.y_stride) +
             " elements apart; at least " + std::to_string(w.columns()) + " and " + std::to_string(columns) + " were wanted");
    return out;
}

}  // namespace

void quantizedLinear(const PackedWeight& w, const LinearInputs<float>& in, const LinearOutputs& out, std::size_t begin,
                     std::size_t end) {
    LinearInputs<float> inputs = in;
    const LinearOutputs outputs = checked(w, inputs, out, begin, end);
    simd::linearFloat(w, inputs, outputs, begin, end);
}

void quantizedLinear(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin,
                     std::size_t end) {
    LinearInputs<Bf16> inputs = in;
    const LinearOutputs outputs = checked(w, inputs, out, begin, end);
    const bool exact_in_bf16 = w.type() != WeightType::float32 && w.type() != WeightType::float16;
    if (exact_in_bf16 && simd::hasBf16Dot()) simd::linearBf16Dot(w, inputs, outputs, begin, end);
    else simd::linearFloat(w, inputs, outputs, begin, end);
}

}  // namespace airframe::kernels

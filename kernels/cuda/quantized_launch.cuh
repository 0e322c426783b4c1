// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"
#include "kernels/cuda/quantized_format.cuh"

namespace airframe::kernels::cuda {

/// The kernels' view of a weight, checked.
inline QuantizedRows checkedRows(const QuantizedMatrix& w) {
    constexpr const char* operation = "quantised matrix";
    checkSizes(operation, {w.rows, w.columns});
    checkArrays(operation, {w.quants});
    if (w.columns % 32)
        throw std::invalid_argument("quantised matrix on CUDA: there are " + std::to_string(w.columns) +
                                    " columns; a multiple of 32 is possible");
    checkWeightType(w.type);
    if (isQuantised(w.type)) checkArrays(operation, {w.scales});
    if (!aligned({w.quants}, 16))
        throw std::invalid_argument("quantised matrix on CUDA: the quants must begin at a multiple of 16 bytes");
    if (w.type == WeightType::q4_1 && !aligned({w.scales}, 4))
        throw std::invalid_argument("quantised matrix on CUDA: the scales must begin at a multiple of 4 bytes");
    QuantizedRows rows;
    rows.rows = static_cast<int>(w.rows);
    rows.columns = static_cast<int>(w.columns);
    rows.quants.data = w.quants;
    rows.scales.data = w.scales;
    return rows;
}

/// Calls `action.operator()<W>()` for the type W of a checked weight.
template <class Action>
void forWeightType(WeightType type, const Action& action) {
    switch (type) {
        case WeightType::q8_0:
            return action.template operator()<WeightType::q8_0>();
        case WeightType::q4_0:
            return action.template operator()<WeightType::q4_0>();
        case WeightType::q4_1:
            return action.template operator()<WeightType::q4_1>();
        case WeightType::bfloat16:
            return action.template operator()<WeightType::bfloat16>();
        default:
            return action.template operator()<WeightType::float16>();
    }
}

/// Strides of the operands of a product, checked.
template <class T, class Arguments>
void setOperands(Arguments& p, const QuantizedMatrix& w, const LinearInputs<T>& in, const LinearOutputs& out) {
    constexpr const char* operation = "quantised product";
    checkSizes(operation, {in.rows});
    checkArrays(operation, {in.x, out.y});
    p.weight = checkedRows(w);
    p.rows = static_cast<int>(in.rows);
    p.x_stride = in.x_stride ? in.x_stride : w.columns;
    p.y_stride = out.y_stride ? out.y_stride : w.rows;
    if (p.x_stride < w.columns || p.y_stride < w.rows)
        throw std::invalid_argument("quantised product on CUDA: a stride is below its row");
    if (!aligned({in.x}, 16) || p.x_stride * sizeof(T) % 16)
        throw std::invalid_argument("quantised product on CUDA: the rows of x must begin at multiples of 16 bytes");
    if (out.first)
        throw std::invalid_argument("quantised product on CUDA: all outputs are computed, from the first one on");
    p.add = out.add;
    p.x.data = in.x;
    p.y.data = out.y;
}

/// The product by the vector kernel (quantized_vector.cu).
template <class X>
void quantizedRowByRow(const QuantizedMatrix& w, const LinearInputs<X>& in, const LinearOutputs& out,
                       const Stream& stream);

}  // namespace airframe::kernels::cuda

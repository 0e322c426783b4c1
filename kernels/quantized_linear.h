// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"
#include "kernels/packed_weight.h"

namespace airframe::kernels {

/// y (+)= x W^T for R rows of activations: matrix-vector for decode (R = 1 ...), matrix-matrix for prefill.
template <class T>
struct LinearInputs {
    const T* x = nullptr;      ///< [R, K] rows `x_stride` elements apart
    std::size_t rows = 0;      ///< R
    std::size_t x_stride = 0;  ///< 0 = K
};

struct LinearOutputs {
    float* y = nullptr;        ///< [R, N] rows `y_stride` elements apart
    std::size_t y_stride = 0;  ///< 0 = N
    bool add = false;          ///< y += instead of y =: the residual stream
    std::size_t first = 0;     ///< y's first column is this output of the weight: for a part of the outputs, in a smaller array
};

/// Computes units `begin` to `end` of w.units(): output columns 32 begin to 32 end, for every row of x. Units are
/// independent. Each weight counts with its stored value.
///   float32 x: d n + m in float32, float32 multiply-adds.
///   bf16 x: where the processor has a bf16 dot product, exact products x n summed in float32, d and m applied to the sum
///   of each block; elsewhere as for float32.
/// Throws std::invalid_argument for a missing array or a stride below the row.
void quantizedLinear(const PackedWeight& w, const LinearInputs<float>& in, const LinearOutputs& out, std::size_t begin,
                     std::size_t end);
void quantizedLinear(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin,
                     std::size_t end);

}  // namespace airframe::kernels

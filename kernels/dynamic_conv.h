// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// Sizes of one call of JetBlock's dynamic convolution: 4 taps per token and channel, generated from the token itself.
struct DynamicConvShape {
    std::size_t batch = 0, tokens = 0, channels = 0;  ///< B, T, C
    std::size_t stride = 0;  ///< elements from one token of u to the next: a part of a wider product; 0 = C
};
inline constexpr std::size_t conv_taps = 4;

/// y_t[c] = silu( sum_w taps_t[c, w] u_{t-3+w}[c] ): tap 3 multiplies the current token, taps come from the current
/// token only (Jet-Nemotron, arXiv 2508.15884, section 2.4). Dense row-major but for u; T is float or Bf16.
template <class T>
struct DynamicConvInputs {
    const T* u = nullptr;       ///< [B, T, C] raw values
    const T* taps = nullptr;    ///< [B, T, C, 4] tap fastest
    const T* window = nullptr;  ///< [B, C, 4] the last four raw inputs before this call, oldest first; nullptr = zeros
};

template <class T>
struct DynamicConvOutputs {
    float* y = nullptr;   ///< [B, T, C]
    T* window = nullptr;  ///< [B, C, 4] the window after this call; nullptr = not wanted; may be the input window
};

struct DynamicConvGradients {
    const float* d_y = nullptr;  ///< [B, T, C]
    float* d_u = nullptr;        ///< [B, T, C]
    float* d_taps = nullptr;     ///< [B, T, C, 4]
    float* d_window = nullptr;   ///< [B, C, 4], nullptr = not wanted
};

/// Runs channels `begin` to `end` of every batch entry; channels are independent. Sums in float32. Throws
/// std::invalid_argument for a size of zero, a stride below C or a missing array.
void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                        const DynamicConvOutputs<float>& out, std::size_t begin, std::size_t end);
void dynamicConvForward(const DynamicConvShape& shape, const DynamicConvInputs<Bf16>& in,
                        const DynamicConvOutputs<Bf16>& out, std::size_t begin, std::size_t end);
/// The same for the gradients; u must be dense.
void dynamicConvBackward(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                         const DynamicConvGradients& grad, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

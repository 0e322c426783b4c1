// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"
#include "kernels/sequences.h"

namespace airframe::kernels {

/// Sizes of one call of the short causal convolution that stands before linear attention: one filter per channel.
struct ShortConvShape {
    std::size_t batch = 0, tokens = 0, channels = 0;  ///< B, T, C
    std::size_t taps = 4;    ///< W: 2 to 4
    std::size_t stride = 0;  ///< elements from one token of u to the next: a part of a wider product; 0 = C
    bool silu = true;        ///< y = silu(sum); otherwise the sum itself
    Sequences sequences{};
};

/// y_t[c] = silu( bias[c] + sum_w weight[c, w] u_{t-W+1+w}[c] ): the last tap multiplies the current token (Gu and Dao,
/// Mamba, arXiv 2312.00752, section 3.4; the layout of a depthwise Conv1d weight [C, 1, W]). T is float or Bf16.
template <class T>
struct ShortConvInputs {
    const T* u = nullptr;       ///< [B, T, C] raw values
    const T* weight = nullptr;  ///< [C, W]
    const T* bias = nullptr;    ///< [C]; nullptr = none
    const T* window = nullptr;  ///< [N, C, W] the last W raw inputs before this call, newest last; nullptr = zeros
};

template <class T>
struct ShortConvOutputs {
    T* y = nullptr;       ///< [B, T, C]
    T* window = nullptr;  ///< [N, C, W] the window after this call; nullptr = not wanted; may be the input window
};

/// Runs channels `begin` to `end` of every sequence; channels are independent, sequences never see each other's tokens. Sums
/// in float32. Throws std::invalid_argument for a size out of range, a stride below C or a missing array.
void shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
               std::size_t begin, std::size_t end);
void shortConv(const ShortConvShape& shape, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
               std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/dynamic_conv.h"
#include "kernels/packed_weight.h"

namespace airframe::kernels {

/// JetBlock's dynamic convolution together with the product that generates its taps: per token and channel
///   taps = w2 hidden + bias;   y = silu( sum_w taps[w] u_{t-3+w} )
/// (Jet-Nemotron, arXiv 2508.15884, section 2.4). The taps exist for a few channels at a time, never as a whole.
struct GeneratedConvInputs {
    std::size_t batch = 0, tokens = 0, channels = 0;  ///< B, T, C
    const Bf16* hidden = nullptr;        ///< [B, T, R] what the generator's last product reads
    const PackedWeight* w2 = nullptr;    ///< [4 C, R], row 4 c + w
    const float* bias = nullptr;         ///< [4 C]
    const float* u = nullptr;            ///< [B, T, C] raw values, tokens `u_stride` elements apart
    std::size_t u_stride = 0;            ///< 0 = C
    const float* window = nullptr;       ///< [B, C, 4] the last four raw inputs before this call, oldest first; nullptr = zeros
};

struct GeneratedConvOutputs {
    float* y = nullptr;       ///< [B, T, C]
    float* window = nullptr;  ///< [B, C, 4] after this call; nullptr = not wanted; may be the input window
};

inline constexpr std::size_t generated_conv_channels = PackedWeight::lanes / conv_taps;  ///< channels of one unit of work

/// Computes units `begin` to `end` of w2->units(): channels 8 begin to 8 end of every token. Sums in float32. Throws
/// std::invalid_argument for a missing array, a size of zero or a w2 that is not [4 C, R].
void generatedConv(const GeneratedConvInputs& in, const GeneratedConvOutputs& out, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels

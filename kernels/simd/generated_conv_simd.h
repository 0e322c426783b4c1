// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/generated_conv.h"

namespace airframe::kernels::simd {

/// Convolves `count` channels from `first` on with taps [B*T, count, 4], rows `taps_stride` apart.
void convolve(const GeneratedConvInputs&, const float* taps, std::size_t taps_stride, const GeneratedConvOutputs&,
              std::size_t first, std::size_t count);

}  // namespace airframe::kernels::simd

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/quantized_linear.h"

namespace airframe::kernels::simd {

// Arguments are checked and strides are set.

/// Float32 multiply-adds through Highway: every weight type, every processor.
void linearFloat(const PackedWeight&, const LinearInputs<float>&, const LinearOutputs&, std::size_t begin, std::size_t end);
void linearFloat(const PackedWeight&, const LinearInputs<Bf16>&, const LinearOutputs&, std::size_t begin, std::size_t end);

/// Where hasBf16Dot(): weights whose integers are exact in bf16.
void linearBf16Dot(const PackedWeight&, const LinearInputs<Bf16>&, const LinearOutputs&, std::size_t begin, std::size_t end);

}  // namespace airframe::kernels::simd

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe::kernels::bench {

/// `rounds` times twelve independent bf16 dot products of a vector; returns how many floating-point operations that were. Only
/// where simd::hasBf16Dot(); elsewhere 0.
double multiplyAddBf16(std::size_t rounds, float* sink);

}  // namespace airframe::kernels::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace airframe {

/// Fills a contiguous float32 or bf16 tensor with independent uniform values of mean 0 and variance 1: element i
/// depends on (seed, i) alone, so that the threads' number does not matter. For filling caches of gigabytes, which
/// LibTorch's sequential generator does too slowly.
void randomFill(const at::Tensor& tensor, std::uint64_t seed);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.cuh"

namespace airframe::kernels::cuda {

/// Rows of [B, T] of one sequence: sequences of T tokens each, or, with offsets [N + 1], packed ones (kernels/sequences.h).
struct TokenSpan {
    std::size_t begin, end;
};
AIRFRAME_DEVICE TokenSpan sequenceTokens(Global<const std::int64_t> offsets, int tokens, std::size_t sequence) {
    if (!offsets.given()) return {sequence * tokens, (sequence + 1) * tokens};
    return {static_cast<std::size_t>(offsets[sequence]), static_cast<std::size_t>(offsets[sequence + 1])};
}

}  // namespace airframe::kernels::cuda

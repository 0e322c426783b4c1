// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/device.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"
#include "kernels/gated_norm.h"

namespace airframe::kernels::cuda {

// The operators on a CUDA device: shapes and arrays as in the headers named alike, all pointers on the device, forward
// only. They put their work on the stream and return. Throw std::invalid_argument for a size of zero, one that the
// kernels cannot take or a missing array, std::runtime_error for what the CUDA runtime reports.

enum class GatedDeltaPath {
    automatic,  ///< chunked for more than 64 tokens where the device has the shared memory for it
    recurrent,  ///< token by token in float32, state in registers: relative error 1e-6
    chunked     ///< 64 tokens at a time on tensor cores, bfloat16 operands: 5e-3
};

/// K at most 256. `saved` must be nullptr. The final state may be the initial one. `workspace` grows as the chunked path
/// needs it and may be shared by calls on one stream; the recurrent path takes none.
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                DeviceMemory& workspace, const Stream& stream, GatedDeltaPath path = GatedDeltaPath::automatic);

/// The window after the call may be the one before it.
void dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<float>& in, const DynamicConvOutputs<float>& out,
                 const Stream& stream);

void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const float* gate,
               float* y, const Stream& stream);

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

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

/// K at most 256, g given, as many key heads as heads, sequences not packed, `saved` nullptr: anything else is refused.
/// The final state may be the initial one. `workspace` grows as the chunked path needs it and may be shared by calls on
/// one stream; the recurrent path takes none.
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                DeviceMemory& workspace, const Stream& stream, GatedDeltaPath path = GatedDeltaPath::automatic);

/// The window after the call may be the one before it.
void dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                 const DynamicConvOutputs<float>& out, const Stream& stream);
void dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<Bf16>& in, const DynamicConvOutputs<Bf16>& out,
                 const Stream& stream);

/// The convolution with the product that makes its taps (JetBlock's kernel generator, arXiv 2508.15884, section 2.4):
/// taps_t = weight hidden_t + bias, kept in registers and never written. `shape.stride` as above.
template <class T>
struct GeneratedConvInputs {
    const T* u = nullptr;          ///< [B, T, C] raw values
    const Bf16* hidden = nullptr;  ///< [B, T, R]
    const Bf16* weight = nullptr;  ///< [C, 4, R]
    const float* bias = nullptr;   ///< [C, 4]
    const T* window = nullptr;     ///< [B, C, 4], nullptr = zeros
    std::size_t generator = 0;     ///< R, a multiple of 32
};
void generatedConv(const DynamicConvShape& shape, const GeneratedConvInputs<float>& in,
                   const DynamicConvOutputs<float>& out, const Stream& stream);
void generatedConv(const DynamicConvShape& shape, const GeneratedConvInputs<Bf16>& in,
                   const DynamicConvOutputs<Bf16>& out, const Stream& stream);

/// One query per head over the positions [begin, end) of a cache with room for `capacity`.
struct AttentionShape {
    std::size_t batch = 0, heads = 0, kv_heads = 0, head_dim = 0;  ///< B, H, G (H/G at most 16), d (64 or 128)
    std::size_t capacity = 0, begin = 0, end = 0;
};
/// o = softmax(q k^T d^-0.5) v per head: q and o [B, H, d], keys and values [B, G, capacity, d], in bfloat16 operands
/// with float32 sums. Positions are in any order, so a ring of the last ones is a window. `workspace` as in gatedDelta.
void attentionDecode(const AttentionShape& shape, const float* q, const Bf16* keys, const Bf16* values, float* o,
                     DeviceMemory& workspace, const Stream& stream);

/// A matrix [R, n] of GGUF's Q8_0 or Q4_1, n a multiple of 32, the quants apart from their scales (packQuantized).
struct QuantizedMatrix {
    std::size_t rows = 0, n = 0;
    int bits = 8;                           ///< 8: Q8_0; 4: Q4_1
    const std::uint8_t* quants = nullptr;   ///< Q8_0 [R, n]; Q4_1 [R, n/32, 16]
    const std::uint16_t* scales = nullptr;  ///< halves: Q8_0 [R, n/32]; Q4_1 [R, n/32, 2] scale and offset
};
/// y [R] = W x [n], in float32.
void quantizedVector(const QuantizedMatrix& matrix, const float* x, float* y, const Stream& stream);

/// GGUF's blocks (scale, offset if any, quants) of `blocks` * 32 elements, taken apart. On the processor.
void packQuantized(int bits, const std::uint8_t* gguf, std::size_t blocks, std::uint8_t* quants, std::uint16_t* scales);

void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const float* gate,
               float* y, const Stream& stream);
void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const Bf16* gate,
               Bf16* y, const Stream& stream);

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/attention.h"
#include "kernels/cuda/device.h"
#include "kernels/delta_product.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"
#include "kernels/gated_norm.h"
#include "kernels/linear_scan.h"
#include "kernels/qkv_rotary.h"
#include "kernels/quantized_linear.h"
#include "kernels/short_conv.h"
#include "kernels/weight_format.h"

namespace airframe::kernels::cuda {

// The operators on a CUDA device: shapes and arrays as in the headers named alike, all pointers on the device, forward
// only. They put their work on the stream and return. Throw std::invalid_argument for a size of zero, one that the
// kernels cannot take or a missing array, std::runtime_error for what the CUDA runtime reports. Offsets of packed
// sequences lie on the device too and are not checked: only their count is.

/// How a recurrent rule runs.
enum class RulePath {
    automatic,  ///< chunked for more than 64 tokens where there is such a form and the device has the shared memory for it
    recurrent,  ///< token by token in float32, state in registers: relative error 1e-6
    chunked     ///< 64 tokens at a time on tensor cores, bfloat16 operands: 5e-3
};

/// K at most 512, `saved` nullptr: anything else is refused. Packed sequences and K above 256 run token by token. The
/// final state may be the initial one. `workspace` grows as the chunked path needs it and may be shared by calls on one
/// stream; the recurrent path takes none.
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float>& in, const GatedDeltaOutputsOf<float>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float, Bf16>& in,
                const GatedDeltaOutputsOf<float, Bf16>& out, DeviceMemory& workspace, const Stream& stream,
                RulePath path = RulePath::automatic);
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16>& in, const GatedDeltaOutputsOf<Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                const GatedDeltaOutputsOf<Bf16, Bf16>& out, DeviceMemory& workspace, const Stream& stream,
                RulePath path = RulePath::automatic);

/// Packed sequences and K above 256 run token by token. The final state may be the initial one, and is rounded once per call if
/// it is kept in bf16; `workspace` as above.
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float, Bf16>& in, const LinearScanOutputs<float, Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16, Bf16>& in, const LinearScanOutputs<Bf16, Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path = RulePath::automatic);

/// Token by token with the state in registers, float32 sums. The final state may be the initial one, and is rounded once per
/// call if it is kept in bf16.
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in,
                  const DeltaProductOutputs<float>& out, const Stream& stream);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                  const Stream& stream);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float, Bf16>& in,
                  const DeltaProductOutputs<float, Bf16>& out, const Stream& stream);
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16, Bf16>& in,
                  const DeltaProductOutputs<Bf16, Bf16>& out, const Stream& stream);

/// The window after the call may be the one before it.
void shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
               const Stream& stream);
void shortConv(const ShortConvShape& shape, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
               const Stream& stream);

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

/// Softmax attention of T queries over a cache (kernels/attention.h), d = 64, 96, 128 or 256, in bfloat16 operands with
/// float32 sums: 5e-3. Strides are multiples of 8 elements. `in.lengths` and `in.sinks` lie on the device too, and
/// `shape.length` is the longest that they may say: so a decode step recorded once serves every position. One query per
/// head (T = 1) of at most 16 heads for each of the cache's has a kernel of its own. `workspace` as in gatedDelta.
void attention(const AttentionShape& shape, const AttentionInputs<float, Bf16>& in, float* o, DeviceMemory& workspace,
               const Stream& stream);
void attention(const AttentionShape& shape, const AttentionInputs<Bf16, Bf16>& in, Bf16* o, DeviceMemory& workspace,
               const Stream& stream);

/// Throws std::invalid_argument for a type of weights that has no kernels here: float32 and those with two scales per block.
void checkWeightType(WeightType type);
/// A weight [N, K] on the device, K a multiple of 32, of a type that checkWeightType() lets pass; of a quantised one the
/// integers apart from the scales (packQuantized).
struct QuantizedMatrix {
    WeightType type = WeightType::q8_0;
    std::size_t rows = 0, columns = 0;      ///< N, K
    const std::uint8_t* quants = nullptr;   ///< q8_0 [N, K]; 4 bits [N, K/32, 16]; bfloat16, float16: the values
    const std::uint16_t* scales = nullptr;  ///< halves: q8_0, q4_0 [N, K/32]; q4_1 [N, K/32, 2] scale, minimum; else nullptr
};
/// The arrays of a QuantizedMatrix, on the processor.
struct PackedRows {
    WeightType type = WeightType::q8_0;
    std::size_t rows = 0, columns = 0;
    std::vector<std::uint8_t> quants;
    std::vector<std::uint16_t> scales;
};
/// Rows as model files hold them (weightRowBytes each), taken apart. Throws std::invalid_argument for a type that
/// checkWeightType() refuses or columns that are no multiple of 32.
[[nodiscard]] PackedRows packQuantized(WeightType type, const std::byte* stored, std::size_t rows, std::size_t columns);

/// Up to so many rows of bf16 x a product is as precise as one of float32.
inline constexpr std::size_t quantized_few_rows = 8;
/// y (+)= x W^T, all outputs (`out.first` = 0). float32 x, and at most quantized_few_rows of bf16 x: in float32, 1e-6. More
/// rows of bf16 x: on tensor cores, each weight rounded to bfloat16, sums in float32, 5e-3. Rows of x begin at multiples of
/// 16 bytes.
void quantizedLinear(const QuantizedMatrix& weight, const LinearInputs<float>& in, const LinearOutputs& out, const Stream& stream);
void quantizedLinear(const QuantizedMatrix& weight, const LinearInputs<Bf16>& in, const LinearOutputs& out, const Stream& stream);

/// out [R, K] = the `count` rows of the weight that `rows` [R] names. A row that is not there becomes NaN.
void embedding(const QuantizedMatrix& weight, const std::int32_t* rows, std::size_t count, float* out, const Stream& stream);
void embedding(const QuantizedMatrix& weight, const std::int32_t* rows, std::size_t count, Bf16* out, const Stream& stream);

/// What a layer needs between its products, arrays as in kernels/rms_norm.h, swiglu.h and qkv_rotary.h.
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, float* y, std::size_t rows, const Stream& stream);
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t rows, const Stream& stream);
void swiglu(const float* gate_up, std::size_t n, float* y, std::size_t rows, const Stream& stream);
void swiglu(const float* gate_up, std::size_t n, Bf16* y, std::size_t rows, const Stream& stream);
/// With `lengths` [B], as attention has them, the T tokens of a sequence are its last ones instead of standing at
/// `shape.position`, and cosine and sine hold every position, [length, d]: for a decode step recorded once. Else nullptr.
void qkvRotary(const QkvRotaryShape& shape, const QkvRotaryArrays& arrays, const std::size_t* lengths, const Stream& stream);

void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const float* gate,
               float* y, const Stream& stream);
void gatedNorm(const GatedNormShape& shape, std::size_t rows, const float* o, const float* weight, const Bf16* gate,
               Bf16* y, const Stream& stream);

}  // namespace airframe::kernels::cuda

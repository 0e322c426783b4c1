// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "kernels/delta_product.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"
#include "kernels/linear_scan.h"
#include "kernels/short_conv.h"

namespace airframe::kernels::simd {

// The Highway back end: one body per operator, compiled for every instruction set that the compiler knows and chosen
// when first called. Arguments are already checked.
// Of the forward pass, `begin` and `end` count blocks of gated_delta_block columns.
void gatedDeltaForward(const GatedDeltaShape&, const GatedDeltaInputsOf<float>&, const GatedDeltaOutputsOf<float>&,
                       std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape&, const GatedDeltaInputsOf<float, Bf16>&,
                       const GatedDeltaOutputsOf<float, Bf16>&, std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16>&, const GatedDeltaOutputsOf<Bf16>&,
                       std::size_t begin, std::size_t end);
void gatedDeltaForward(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16, Bf16>&,
                       const GatedDeltaOutputsOf<Bf16, Bf16>&, std::size_t begin, std::size_t end);
void gatedDeltaBackward(const GatedDeltaShape&, const GatedDeltaInputs&, const GatedDeltaGradients&, std::size_t begin,
                        std::size_t end);
void dynamicConvForward(const DynamicConvShape&, const DynamicConvInputs<float>&, const DynamicConvOutputs<float>&,
                        std::size_t begin, std::size_t end);
void dynamicConvForward(const DynamicConvShape&, const DynamicConvInputs<Bf16>&, const DynamicConvOutputs<Bf16>&,
                        std::size_t begin, std::size_t end);
void dynamicConvBackward(const DynamicConvShape&, const DynamicConvInputs<float>&, const DynamicConvGradients&,
                         std::size_t begin, std::size_t end);
// The scans' states begin at pair `first_state`.
void linearScan(const LinearScanShape&, const LinearScanInputs<float>&, const LinearScanOutputs<float>&, std::size_t begin,
                std::size_t end, std::size_t first_state);
void linearScan(const LinearScanShape&, const LinearScanInputs<Bf16>&, const LinearScanOutputs<Bf16>&, std::size_t begin,
                std::size_t end, std::size_t first_state);
void deltaProduct(const DeltaProductShape&, const DeltaProductInputs<float>&, const DeltaProductOutputs<float>&,
                  std::size_t begin, std::size_t end, std::size_t first_state);
void deltaProduct(const DeltaProductShape&, const DeltaProductInputs<Bf16>&, const DeltaProductOutputs<Bf16>&,
                  std::size_t begin, std::size_t end, std::size_t first_state);
void shortConv(const ShortConvShape&, const ShortConvInputs<float>&, const ShortConvOutputs<float>&, std::size_t begin,
               std::size_t end);
void shortConv(const ShortConvShape&, const ShortConvInputs<Bf16>&, const ShortConvOutputs<Bf16>&, std::size_t begin,
               std::size_t end);
/// The instruction set in use, e.g. "AVX3, bf16 dot products".
[[nodiscard]] std::string instructionSet();
/// Whether this processor has AVX-512's bf16 dot product with the sets that come with it, for which Highway 1.0.3 has no
/// target: some operators have a body of their own for it.
[[nodiscard]] bool hasBf16Dot();
/// Off: hasBf16Dot() says no, so that a test reaches the other body.
void allowBf16Dot(bool on);
[[nodiscard]] bool limitInstructionSet(std::string_view name);

}  // namespace airframe::kernels::simd

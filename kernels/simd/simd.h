// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"

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
/// The instruction set in use, e.g. "AVX3_ZEN4".
[[nodiscard]] std::string instructionSet();
[[nodiscard]] bool limitInstructionSet(std::string_view name);

}  // namespace airframe::kernels::simd

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace airframe::kernels {

/// What the operators run on, in words: "SIMD AVX3_ZEN4".
[[nodiscard]] std::string backendReport();

/// Keeps to "avx2" or "avx512" where the processor has better; for comparisons. Only before the first operator runs.
/// False for another name, or for an instruction set that this processor or build does not have.
[[nodiscard]] bool limitInstructionSet(std::string_view name);

}  // namespace airframe::kernels

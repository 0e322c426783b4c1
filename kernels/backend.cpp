// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/backend.h"

#include "kernels/simd/simd.h"

namespace airframe::kernels {

std::string backendReport() { return "SIMD " + simd::instructionSet(); }

bool limitInstructionSet(std::string_view name) { return simd::limitInstructionSet(name); }

}  // namespace airframe::kernels

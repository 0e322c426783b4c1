// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/backend.h"

#include "kernels/simd/simd.h"

namespace airframe::kernels {

std::string backendReport() { return "SIMD " + simd::instructionSet(); }

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/highway.h>

#include "kernels/simd/simd.h"

namespace airframe::kernels::simd {

std::string instructionSet() {
    const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
    return hwy::TargetName(usable & -usable);  // Highway numbers its targets best first
}

bool limitInstructionSet(std::string_view name) {
    const std::int64_t best = name == "avx2" ? HWY_AVX2 : name == "avx512" ? HWY_AVX3 : 0;
    if ((hwy::SupportedTargets() & HWY_TARGETS & best) == 0) return false;
    hwy::DisableTargets(best - 1);  // Highway numbers its targets best first
    return true;
}

}  // namespace airframe::kernels::simd

// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/highway.h>

#include "kernels/simd/simd.h"

namespace airframe::kernels::simd {

std::string instructionSet() {
    const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
    return hwy::TargetName(usable & -usable);  // Highway numbers its targets best first
}

}  // namespace airframe::kernels::simd

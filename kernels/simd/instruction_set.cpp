// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/highway.h>

#include "kernels/simd/simd.h"

namespace airframe::kernels::simd {

std::string instructionSet() {
    const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
    const std::string name = hwy::TargetName(usable & -usable);  // Highway numbers its targets best first
    return name + (hasBf16Dot() ? ", bf16 dot products" : "");
}

namespace {

bool bf16_dot_allowed = true;

bool processorHasBf16Dot() {
#if defined(__x86_64__) && defined(__GNUC__)
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq");
#else
    return false;
#endif
}

}  // namespace

bool hasBf16Dot() {
    static const bool has = processorHasBf16Dot();
    return has && bf16_dot_allowed;
}

void allowBf16Dot(bool on) { bf16_dot_allowed = on; }

bool limitInstructionSet(std::string_view name) {
    const std::int64_t best = name == "avx2" ? HWY_AVX2 : name == "avx512" ? HWY_AVX3 : 0;
    if ((hwy::SupportedTargets() & HWY_TARGETS & best) == 0) return false;
    hwy::DisableTargets(best - 1);  // Highway numbers its targets best first
    if (name == "avx2") allowBf16Dot(false);
    return true;
}

}  // namespace airframe::kernels::simd

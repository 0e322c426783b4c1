// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

// What the loops over a cache need of SIMD: sixteen floats as one value, in the compiler's own vector types, which
// become whatever registers the function's target has. AIRFRAME_WIDE on a function makes the compiler build it for
// several generations of x86-64 and choose when the program starts.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)  // the chooser runs before the sanitizer is ready
#define AIRFRAME_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AIRFRAME_WIDE
#endif
#define AIRFRAME_INLINE inline __attribute__((always_inline))

namespace airframe {

using Float16Lanes = float __attribute__((vector_size(64)));

// Loads fill a reference, because returning so wide a value from a function has no stable calling convention.
AIRFRAME_INLINE void loadLanes(Float16Lanes& out, const float* from) {
    std::memcpy(&out, from, sizeof out);
}

/// A bf16 is the upper half of a float32.
AIRFRAME_INLINE void loadLanes(Float16Lanes& out, const c10::BFloat16* from) {
    using Half = std::uint16_t __attribute__((vector_size(32)));
    using Word = std::uint32_t __attribute__((vector_size(64)));
    Half bits;
    std::memcpy(&bits, from, sizeof bits);
    const Word words = __builtin_convertvector(bits, Word) << 16;
    std::memcpy(&out, &words, sizeof out);
}

AIRFRAME_INLINE float sumLanes(const Float16Lanes& x) {
    using Eight = float __attribute__((vector_size(32)));
    using Four = float __attribute__((vector_size(16)));
    Eight half[2];
    std::memcpy(half, &x, sizeof half);
    const Eight eight = half[0] + half[1];
    Four quarter[2];
    std::memcpy(quarter, &eight, sizeof quarter);
    const Four four = quarter[0] + quarter[1];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

}  // namespace airframe

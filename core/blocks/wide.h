// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// AIRFRAME_WIDE compiles a function several times, for wider vector registers, and picks one when the program starts.
// Only for free functions over plain pointers whose loops the compiler can vectorise.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define AIRFRAME_WIDE __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define AIRFRAME_WIDE
#endif

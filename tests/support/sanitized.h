// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// clang names the sanitizer as a feature, GCC by a macro.
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifdef __SANITIZE_ADDRESS__
#define AIRFRAME_SANITIZED 1
#else
#define AIRFRAME_SANITIZED __has_feature(address_sanitizer)
#endif

/// Whether the program was built with the address sanitizer, which needs address space and takes its time: limits of either
/// say nothing then.
inline constexpr bool sanitized = AIRFRAME_SANITIZED;

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe::kernels {

/// Memory that begins at a cache line, because a 64-byte vector load that straddles two lines costs twice; from 4 MB on it
/// begins at a huge page and asks for such, because streaming gigabytes over pages of 4 KB waits for address translations.
/// Throws std::bad_alloc.
[[nodiscard]] void* allocateAligned(std::size_t bytes);
void freeAligned(void* memory, std::size_t bytes);

}  // namespace airframe::kernels

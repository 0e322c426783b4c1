// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe {

// The K types of ggml: super-blocks of 256 values in sub-blocks of 16 or 32, each with a small scale (and minimum) of its own
// that multiplies the super-block's float16 one. Signatures as StoredType::convert; called through that table only.

void fromQ2K(const std::byte* in, std::size_t blocks, float* out);  ///< 2 bits, 16 x 16, scales and minima of 4 bits
void fromQ3K(const std::byte* in, std::size_t blocks, float* out);  ///< 3 bits, 16 x 16, signed scales of 6 bits
void fromQ4K(const std::byte* in, std::size_t blocks, float* out);  ///< 4 bits, 8 x 32, scales and minima of 6 bits
void fromQ5K(const std::byte* in, std::size_t blocks, float* out);  ///< 5 bits, 8 x 32, scales and minima of 6 bits
void fromQ6K(const std::byte* in, std::size_t blocks, float* out);  ///< 6 bits, 16 x 16, signed scales of 8 bits

}  // namespace airframe

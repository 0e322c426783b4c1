// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "core/formats/integer_block.h"

namespace airframe {

// The K types of ggml: super-blocks of 256 values in sub-blocks of 16 or 32, each with a small scale (and minimum) of its own
// that multiplies the super-block's float16 one. Signatures as StoredType's decode and convert; called through that table only.

void decodeQ2K(const std::byte* in, IntegerBlock* out);  ///< 2 bits, 16 x 16, scales and minima of 4 bits
void decodeQ3K(const std::byte* in, IntegerBlock* out);  ///< 3 bits, 16 x 16, signed scales of 6 bits
void decodeQ4K(const std::byte* in, IntegerBlock* out);  ///< 4 bits, 8 x 32, scales and minima of 6 bits
void decodeQ5K(const std::byte* in, IntegerBlock* out);  ///< 5 bits, 8 x 32, scales and minima of 6 bits
void decodeQ6K(const std::byte* in, IntegerBlock* out);  ///< 6 bits, 16 x 16, signed scales of 8 bits

void floatsOfQ2K(const std::byte* in, std::size_t blocks, float* out);
void floatsOfQ3K(const std::byte* in, std::size_t blocks, float* out);
void floatsOfQ4K(const std::byte* in, std::size_t blocks, float* out);
void floatsOfQ5K(const std::byte* in, std::size_t blocks, float* out);
void floatsOfQ6K(const std::byte* in, std::size_t blocks, float* out);

}  // namespace airframe

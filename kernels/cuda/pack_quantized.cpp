// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <stdexcept>

#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {

void packQuantized(int bits, const std::uint8_t* gguf, std::size_t blocks, std::uint8_t* quants, std::uint16_t* scales) {
    if (bits != 8 && bits != 4) throw std::invalid_argument("quantised matrix: Q8_0 (8 bits) or Q4_1 (4 bits) is possible");
    if (!gguf || !quants || !scales) throw std::invalid_argument("quantised matrix: an array is missing");
    const std::size_t halves = bits == 8 ? 1 : 2, bytes = bits == 8 ? 32 : 16;
    for (std::size_t b = 0; b < blocks; ++b) {
        std::memcpy(scales + b * halves, gguf, 2 * halves);
        std::memcpy(quants + b * bytes, gguf + 2 * halves, bytes);
        gguf += 2 * halves + bytes;
    }
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <stdexcept>
#include <string>

#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {

void checkWeightType(WeightType type) {
    if (type == WeightType::float32 || scalesOf(type) > 1)
        throw std::invalid_argument(std::string("quantised matrix on CUDA: ") + weightTypeName(type) + " weights are not possible");
}

PackedRows packQuantized(WeightType type, const std::byte* stored, std::size_t rows, std::size_t columns) {
    checkWeightType(type);
    if (columns % weight_block)
        throw std::invalid_argument("quantised matrix: there are " + std::to_string(columns) +
                                    " columns; a multiple of 32 is possible on CUDA");
    if (!stored) throw std::invalid_argument("quantised matrix: an array is missing");
    PackedRows out{type, rows, columns, {}, {}};
    if (!isQuantised(type)) {
        out.quants.resize(2 * rows * columns);
        std::memcpy(out.quants.data(), stored, out.quants.size());
        return out;
    }
    const std::size_t blocks = rows * (columns / weight_block), halves = hasMinimum(type) ? 2 : 1,
                      bytes = hasBytes(type) ? 32 : 16;
    out.quants.resize(blocks * bytes);
    out.scales.resize(blocks * halves);
    for (std::size_t b = 0; b < blocks; ++b) {
        std::memcpy(out.scales.data() + b * halves, stored, 2 * halves);
        std::memcpy(out.quants.data() + b * bytes, stored + 2 * halves, bytes);
        stored += 2 * halves + bytes;
    }
    return out;
}

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/native_form.h"

#include <algorithm>
#include <array>

#include "core/formats/dequantise.h"

namespace airframe {
namespace {

constexpr std::int64_t block = 32;  // columns of a block, rows of a unit
constexpr std::array<std::string_view, 3> computed_as_stored = {"Q8_0", "Q4_0", "Q4_1"};

}  // namespace

std::string_view nativeType(std::span<const std::string_view> stored, std::int64_t columns) {
    if (stored.empty() || columns % block) return "BF16";
    for (const std::string_view known : computed_as_stored)
        if (std::all_of(stored.begin(), stored.end(), [&](std::string_view type) { return type == known; })) return known;
    return "BF16";
}

double packedBytes(std::string_view type, std::int64_t rows, std::int64_t columns) {
    const StoredType* stored = storedType(type);
    const auto whole = [](std::int64_t n) { return static_cast<double>((n + block - 1) / block * block); };
    return whole(rows) * whole(columns) / stored->block * stored->block_bytes;
}

}  // namespace airframe

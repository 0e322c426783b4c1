// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace airframe {

/// The type in which the fused kernels hold matrices that they multiply together (queries, keys and values; gate and up),
/// given their stored types (TensorInfo::type) and their common width: the file's own where all have the same, the kernels
/// compute with it ("Q8_0", "Q4_0", "Q4_1") and the width is a multiple of a block's 32 values; else "BF16". Float32 and
/// float16 are not among them, because their products would not run on the bf16 instructions; nor are the K types and other
/// quantisations, for which the kernels have no products. All these are rounded to bf16: to within 2^-8 of each value, so
/// that it is still the file's model that is computed, where a second quantisation (to Q8_0, of half the size) would add an
/// error of its own.
[[nodiscard]] std::string_view nativeType(std::span<const std::string_view> stored, std::int64_t columns);

/// Bytes of a matrix [rows, columns] packed in a type that nativeType() gives: rows go by units of 32, columns by blocks of 32.
[[nodiscard]] double packedBytes(std::string_view type, std::int64_t rows, std::int64_t columns);

}  // namespace airframe

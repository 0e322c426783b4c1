// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace airframe {

struct StoredType;

/// The type in which the fused kernels hold matrices that they multiply together (queries, keys and values; gate and up),
/// given their stored types (TensorInfo::type) and their common width: the smallest of their types that holds all of them as they
/// are meant, integers and scales, or "BF16". Blocks have 32 values, so other widths are "BF16".
///   Q8_0, Q4_0, Q4_1   as in files; Q5_0 and IQ4_NL have integers that Q8_0 holds too, and Q4_K is Q4_1 with smaller blocks of scales
///   Q8_16, Q4_16       8 and 4 bits with scale and minimum per 16 values: Q2_K and Q3_K in 4 bits, Q5_1, Q5_K and Q6_K in 8, and
///                      matrices of different quantised types together
/// Float32 and float16 are not among them, because their products would not run on the bf16 instructions: they are rounded to
/// bf16, to within 2^-8 of each value, as is anything beside them. What is computed is thus always the file's model; a second
/// quantisation would add an error of its own.
[[nodiscard]] std::string_view nativeType(std::span<const std::string_view> stored, std::int64_t columns);

/// Bytes of a matrix [rows, columns] packed in a type that nativeType() gives: rows go by units of 32, columns by blocks of 32.
[[nodiscard]] double packedBytes(std::string_view type, std::int64_t rows, std::int64_t columns);

/// Bytes of a block of 32 values in a quantised type of nativeType(), as a row of it is handed to the kernels.
[[nodiscard]] std::size_t nativeBlockBytes(std::string_view native);

/// Rewrites `blocks` stored blocks of one quantised type in another that nativeType() gave for it (or for it and others). Integers
/// stay what they are; scales and minima, which K types keep as float16 times a small integer, are rounded to float16, which has
/// three bits more than the bf16 activations they meet. False if that moves one by more than 2^-11 of the largest: if one is
/// beyond 65504, or all are minute.
[[nodiscard]] bool toNative(const StoredType& stored, const std::byte* in, std::size_t blocks, std::string_view native, std::byte* out);

}  // namespace airframe

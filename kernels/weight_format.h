// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace airframe::kernels {

/// How a weight matrix is stored, row by row. The quantised types keep blocks of 32 values of one row: float16 scales d, then for
/// some float16 minima m, then integers n. The first three are what model files hold (https://github.com/ggml-org/ggml,
/// ggml-common.h); the last two, with a scale and a minimum per 16 values, are what all other types of such files fit into.
///   q8_0: w = d n, n in -128..127          q4_0: w = d (n - 8), n in 0..15          q4_1: w = d n + m, n in 0..15
///   q8_16: w = d n + m, n in -128..127     q4_16: w = d n + m, n in 0..15
/// In 4 bits, byte i of a block holds value i in its low half and value i + 16 in its high half.
enum class WeightType : std::uint8_t { float32, float16, bfloat16, q8_0, q4_0, q4_1, q8_16, q4_16 };

inline constexpr std::size_t weight_block = 32;  ///< values of a block

[[nodiscard]] constexpr bool isQuantised(WeightType type) { return type >= WeightType::q8_0; }
/// Scales per block of a quantised type: value i has scale (and minimum) number i * scalesOf(type) / 32.
[[nodiscard]] constexpr std::size_t scalesOf(WeightType type) { return type == WeightType::q8_16 || type == WeightType::q4_16 ? 2 : 1; }
[[nodiscard]] constexpr bool hasMinimum(WeightType type) { return type >= WeightType::q4_1; }
[[nodiscard]] constexpr bool hasBytes(WeightType type) { return type == WeightType::q8_0 || type == WeightType::q8_16; }  ///< n of 8 bits
/// "float32", "q4_1": as in messages and in the names of checks.
[[nodiscard]] const char* weightTypeName(WeightType type);
/// Bytes of one row of k values; a quantised row needs k % 32 == 0, else std::invalid_argument.
[[nodiscard]] std::size_t weightRowBytes(WeightType type, std::size_t k);

/// Stores n rows of k float32 values in `type` at `out` (n * weightRowBytes(type, k) bytes): q8_0 scales by the largest
/// magnitude / 127, q4_0 by the value of largest magnitude / -8, those with a minimum by the range / 15 or 255. Values must be
/// finite.
void quantizeRows(WeightType type, const float* rows, std::size_t n, std::size_t k, std::byte* out);

}  // namespace airframe::kernels

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace airframe::kernels {

/// How a weight matrix is stored, row by row, as model files hold it. The quantised types keep blocks of 32 values of one
/// row (https://github.com/ggml-org/ggml, ggml-common.h): a float16 scale d, for q4_1 a float16 minimum m, then integers.
///   q8_0: w = d n, n in -128..127          q4_0: w = d (n - 8), n in 0..15          q4_1: w = d n + m, n in 0..15
/// In 4 bits, byte i of a block holds value i in its low half and value i + 16 in its high half.
enum class WeightType : std::uint8_t { float32, float16, bfloat16, q8_0, q4_0, q4_1 };

inline constexpr std::size_t weight_block = 32;  ///< values that share a scale

[[nodiscard]] constexpr bool isQuantised(WeightType type) { return type >= WeightType::q8_0; }
/// "float32", "q4_1": as in messages and in the names of checks.
[[nodiscard]] const char* weightTypeName(WeightType type);
/// Bytes of one row of k values; a quantised row needs k % 32 == 0, else std::invalid_argument.
[[nodiscard]] std::size_t weightRowBytes(WeightType type, std::size_t k);

/// Stores n rows of k float32 values in `type` at `out` (n * weightRowBytes(type, k) bytes): q8_0 scales by the largest
/// magnitude / 127, q4_0 by the value of largest magnitude / -8, q4_1 by the range / 15. Values must be finite.
void quantizeRows(WeightType type, const float* rows, std::size_t n, std::size_t k, std::byte* out);

}  // namespace airframe::kernels

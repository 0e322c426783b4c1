// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace airframe {

struct StoredType;

/// How float32 values are brought into a stored type.
struct Quantiser {
    std::string_view name;     ///< as StoredType::name
    const StoredType* stored;  ///< its blocks and its way back
    /// Writes values.size() / stored->block blocks to `out`. The size must be a whole number of blocks. Returns the index of
    /// the first value that the type cannot hold (NaN, infinity, or so large that its scale overflows float16), else
    /// values.size(); what was written before such a value is of no use.
    std::size_t (*convert)(std::span<const float> values, std::byte* out);
};

/// THE table of types that we write: F32, F16 (rounded to nearest even), Q8_0, Q4_0 and Q4_1 in the rounding of ggml's
/// reference (scales from the extremes of each block of 32, not optimised), bit for bit what gguf-py writes.
[[nodiscard]] std::span<const Quantiser> quantisers();
[[nodiscard]] const Quantiser* quantiser(std::string_view name);  ///< nullptr if we do not write it

}  // namespace airframe

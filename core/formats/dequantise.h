// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/formats/integer_block.h"

namespace airframe {

/// How a stored tensor type packs its values, and its way to float32.
struct StoredType {
    std::string_view name;     ///< "Q4_1", as in TensorInfo::type
    std::uint32_t ggml;        ///< its number in a GGUF file
    std::uint32_t block;       ///< values per block
    std::uint32_t block_bytes;
    /// Converts `blocks` blocks at `in` (any alignment) to blocks * block floats. Bit-exact: products and sums in float32
    /// in the order of the format's definition, never fused.
    void (*convert)(const std::byte* in, std::size_t blocks, float* out);
    /// Takes one block apart into block / 32 IntegerBlocks, minima 0 where it has none; nullptr for the floating-point types.
    void (*decode)(const std::byte* in, IntegerBlock* out);
};

/// THE table of types that we read; a new one is one row and one function.
[[nodiscard]] std::span<const StoredType> storedTypes();
[[nodiscard]] const StoredType* storedType(std::string_view name);  ///< nullptr if we cannot read it
[[nodiscard]] const StoredType* storedTypeOfGgml(std::uint32_t number);

}  // namespace airframe

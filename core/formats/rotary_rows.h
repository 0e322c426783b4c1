// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace airframe {

/// Row 2i + s of a head in llama.cpp's interleaved rotary order is the row s*d/2 + i of the half-split order that Hugging Face
/// and our kernels use; s = 0 is the first of a rotated pair. `head_dim` is even.
[[nodiscard]] constexpr std::int64_t halfSplitRow(std::int64_t row, std::int64_t head_dim) {
    const std::int64_t in_head = row % head_dim;
    return row - in_head + in_head % 2 * (head_dim / 2) + in_head / 2;
}

/// Whether the rows of this tensor (Hugging Face name) are rotated: projections of queries and keys, and their biases.
[[nodiscard]] constexpr bool hasRotaryRows(std::string_view name) {
    return name.ends_with(".self_attn.q_proj.weight") || name.ends_with(".self_attn.k_proj.weight") ||
           name.ends_with(".self_attn.q_proj.bias") || name.ends_with(".self_attn.k_proj.bias");
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

namespace airframe {

/// One kind of token mixer as people meet it: the id in placements, a name, and the glyph of the layer strip.
struct BlockId {
    std::string_view id;     ///< the published `layer_types` word; never reused
    std::string_view label;  ///< for legends and tables
    std::string_view glyph;  ///< one UTF-8 character
};

/// Every id that a placement may hold. A new block adds one row here and one in the block registry.
inline constexpr std::array<BlockId, 3> block_ids{{
    {"attn", "full attention", "■"},
    {"swa", "sliding window", "▨"},
    {"jet", "JetBlock", "▢"},
}};

/// nullptr for an id that is not in the table.
[[nodiscard]] constexpr const BlockId* findBlockId(std::string_view id) {
    for (const BlockId& block : block_ids)
        if (block.id == id) return &block;
    return nullptr;
}

}  // namespace airframe

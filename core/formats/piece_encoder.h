// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace airframe {

/// Makes the tokens of one piece of text. Immutable, any thread.
class PieceEncoder {
  public:
    virtual ~PieceEncoder() = default;
    /// Appends the ids of one piece (well-formed UTF-8) to `out`.
    virtual void encode(std::string_view piece, std::vector<std::int32_t>& out) const = 0;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace airframe {

/// Byte offset of the first byte that is not well-formed UTF-8 (Unicode 15, table 3-7), or npos.
[[nodiscard]] std::size_t firstInvalidUtf8(std::string_view bytes);
/// Every maximal ill-formed part replaced by U+FFFD.
[[nodiscard]] std::string toValidUtf8(std::string_view bytes);
/// Length of the longest prefix that does not end inside an unfinished but so far valid character: for streaming text.
[[nodiscard]] std::size_t completeUtf8Prefix(std::string_view bytes);

}  // namespace airframe

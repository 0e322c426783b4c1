// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace airframe {

/// End of the piece of `text` that begins at `at`, for an expression that matches everywhere. `text` is well-formed UTF-8,
/// `at` < its size. O(1) per character up to the end of the run of characters of one class.
using WordScanner = std::size_t (*)(std::string_view text, std::size_t at);

/// The published expressions that are scanned by hand, which is many times faster than running them.
inline constexpr const char* gpt2_expression =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr const char* qwen2_expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr const char* llama3_expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The scanner of one of the expressions above; nullptr for any other.
[[nodiscard]] WordScanner wordScanner(std::string_view expression);

}  // namespace airframe

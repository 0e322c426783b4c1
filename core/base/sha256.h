// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace airframe {

/// SHA-256 of bytes, as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
/// SHA-256 of a file's content. Throws Failure(bad_input) naming the file if it cannot be read.
[[nodiscard]] std::string sha256File(const std::filesystem::path& path);

}  // namespace airframe

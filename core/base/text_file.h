// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace airframe {

/// The content of a UTF-8 text file; a name ending in .zst is decompressed. Throws Failure(bad_input) naming the file
/// if it is missing, unreadable, empty, holds bytes that are not UTF-8 (with the offset) or is a damaged archive.
[[nodiscard]] std::string readTextFile(const std::filesystem::path& path);

/// Text files among `paths`: files as they are, folders searched for *.txt, *.md, *.rst, *.txt.zst (sorted, recursive,
/// hidden names left out). Throws Failure(bad_input) for a path that does not exist or a folder without such a file.
[[nodiscard]] std::vector<std::filesystem::path> findTextFiles(const std::vector<std::filesystem::path>& paths);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace airframe {

/// A whole file mapped read-only into memory; pages come from disk when touched. Owns the mapping. Any thread may read.
class MappedFile {
  public:
    /// Throws Failure(bad_input) naming the file if it is missing, unreadable, not a regular file or empty.
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

  private:
    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace airframe {

/// A file being written beside its final place: it appears there whole at commit(), or never. Owns the temporary file and
/// removes it when destroyed without commit. One thread.
class OutputFile {
  public:
    /// Starts a temporary file in `folder` (created if absent). Throws Failure(bad_input) if the folder cannot be written,
    /// Failure(no_room) if the disk is full.
    explicit OutputFile(const std::filesystem::path& folder);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Appends. Throws Failure(no_room) when the disk, the quota or the largest file size is reached.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text);
    /// Brings everything to the disk; write() is over after this. Failures as write().
    void sync();
    /// sync(), then renames to `target` in the same folder, replacing a file of that name.
    void commit(const std::filesystem::path& target);
    [[nodiscard]] const std::filesystem::path& temporary() const { return m_path; }
    [[nodiscard]] std::uint64_t size() const { return m_size; }

  private:
    std::filesystem::path m_path;
    std::uint64_t m_size = 0;
    int m_fd = -1;
    bool m_kept = false;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

namespace airframe {

/// A folder being filled beside its final place: it appears there whole at commit(), or never. Removes what it made,
/// missing parents of the target included, when destroyed without commit. One thread.
class StagingFolder {
  public:
    /// Throws Failure(bad_input) if `target` exists and is not an empty folder, or if its parent cannot be written.
    explicit StagingFolder(const std::filesystem::path& target);
    ~StagingFolder();
    StagingFolder(const StagingFolder&) = delete;
    StagingFolder& operator=(const StagingFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    /// Throws Failure(no_room) if fewer than `bytes` are free there.
    void needRoom(std::uintmax_t bytes) const;
    /// Renames to the target. Throws Failure(bad_input) if something came to be there meanwhile.
    void commit();

  private:
    std::filesystem::path m_target, m_path;
    std::vector<std::filesystem::path> m_made_parents;  // deepest last
    bool m_kept = false;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

namespace airframe {

/// A folder or a single file being made beside its final place, in a folder of its own: it appears there whole at commit(),
/// or never. Removes what it made, missing parents of the target included, when destroyed without commit. One thread.
class Staging {
  public:
    enum class Kind { folder, file };
    /// Throws Failure(bad_input) if `target` exists (an empty folder may, for a folder), or if its parent cannot be written.
    Staging(const std::filesystem::path& target, Kind kind);
    ~Staging();
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    /// Where to write: the folder itself, or the file of the target's name.
    [[nodiscard]] std::filesystem::path path() const;
    /// Throws Failure(no_room) if fewer than `bytes` are free there.
    void needRoom(std::uintmax_t bytes) const;
    /// Renames to the target. Throws Failure(bad_input) if something came to be there meanwhile; it is not replaced.
    void commit();

  private:
    std::filesystem::path m_target, m_folder;
    Kind m_kind;
    std::vector<std::filesystem::path> m_made_parents;  // deepest last
    bool m_kept = false;
};

}  // namespace airframe

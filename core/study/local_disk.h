// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace airframe {

/// Type of the network file system that `path` lies on ("nfs4", "cifs", "fuse.sshfs", ...), "" for a local disk.
/// SQLite's write-ahead log needs shared memory between its users, which such file systems do not give.
[[nodiscard]] std::string networkFileSystem(const std::filesystem::path& path);
/// The same for the text of a /proc/self/mountinfo and an absolute path.
[[nodiscard]] std::string networkFileSystemIn(std::string_view mountinfo, const std::string& path);

}  // namespace airframe

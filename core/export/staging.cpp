// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/staging.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& where, const std::string& what, const std::string& hint) {
    throw Failure(ErrorCode::bad_input, where.string(), what, hint);
}

}  // namespace

Staging::Staging(const fs::path& target, Kind kind) : m_kind(kind) {
    // Without a name of its own ("out/", "."), a folder cannot be put in its place by renaming.
    m_target = fs::absolute(target).lexically_normal();
    if (!m_target.has_filename()) m_target = m_target.parent_path();
    std::error_code error;
    const fs::file_status status = fs::symlink_status(m_target, error);
    const bool empty_folder = fs::is_directory(status) && fs::is_empty(m_target, error) && !error;
    if (fs::exists(status) && !(empty_folder && kind == Kind::folder)) {
        fail(m_target, kind == Kind::folder ? "exists already and is not an empty folder" : "exists already",
             "choose another name, or remove it first");
    }
    const fs::path parent = m_target.parent_path();
    for (fs::path p = parent; !p.empty() && !fs::exists(p); p = p.parent_path()) m_made_parents.push_back(p);
    std::reverse(m_made_parents.begin(), m_made_parents.end());
    fs::create_directories(parent, error);
    std::string name = (parent / ".").string();  // hidden while it grows
    name.append(m_target.filename().string()).append(".part-XXXXXX");
    if (error || !::mkdtemp(name.data())) {
        const std::string reason = error ? error.message() : std::strerror(errno);
        for (auto p = m_made_parents.rbegin(); p != m_made_parents.rend(); ++p) fs::remove(*p, error);
        fail(parent, "no folder can be made here: " + reason, "check the path and its permissions");
    }
    m_folder = name;
    ::chmod(m_folder.c_str(), 0755);  // mkdtemp makes folders that only their owner reads
}

Staging::~Staging() {
    std::error_code ignored;
    if (!m_kept || m_kind == Kind::file) fs::remove_all(m_folder, ignored);
    if (m_kept) return;
    for (auto p = m_made_parents.rbegin(); p != m_made_parents.rend(); ++p) fs::remove(*p, ignored);  // if empty
}

void Staging::needRoom(std::uintmax_t bytes) const {
    std::error_code error;
    const fs::space_info space = fs::space(m_folder, error);
    if (error || space.available >= bytes) return;
    throw Failure(ErrorCode::no_room, m_target.parent_path().string(),
                  std::to_string(bytes / 1000000) + " MB are needed, " + std::to_string(space.available / 1000000) + " MB are free",
                  "free some space, choose another disk, or a smaller storage type");
}

fs::path Staging::path() const { return m_kind == Kind::folder ? m_folder : m_folder / m_target.filename(); }

void Staging::commit() {
    // rename() never puts a folder over one that holds something, but a file over another.
    const unsigned flags = m_kind == Kind::folder ? 0 : RENAME_NOREPLACE;
    int failed = ::renameat2(AT_FDCWD, path().c_str(), AT_FDCWD, m_target.c_str(), flags) == 0 ? 0 : errno;
    if (flags != 0 && (failed == EINVAL || failed == ENOSYS)) {  // a file system that cannot promise it: look first
        std::error_code error;
        const bool there = fs::exists(fs::symlink_status(m_target, error));
        failed = there ? EEXIST : ::rename(path().c_str(), m_target.c_str()) == 0 ? 0 : errno;
    }
    if (failed != 0) fail(m_target, std::string("cannot be put in place: ") + std::strerror(failed), "choose another name");
    m_kept = true;
    if (const int fd = ::open(m_target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
        (void)::fsync(fd);  // some file systems refuse this for folders, harmlessly
        ::close(fd);
    }
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"

namespace airframe {
namespace {

[[noreturn]] void fail(int error, const std::filesystem::path& where, const std::string& doing) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    throw Failure(full ? ErrorCode::no_room : ErrorCode::bad_input, where.string(), doing + ": " + std::strerror(error),
                  full ? "free some space or choose another folder" : "check the folder and its permissions");
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& folder) {
    const std::filesystem::path in = folder.empty() ? "." : folder;
    std::error_code error;
    std::filesystem::create_directories(in, error);
    if (error) fail(error.value(), in, "cannot create the folder");
    std::string name = (in / ".airframe-XXXXXX.part").string();
    m_fd = ::mkostemps(name.data(), 5, O_CLOEXEC);
    if (m_fd < 0) fail(errno, in, "cannot create a file");
    m_path = name;
    ::fchmod(m_fd, 0644);  // mkostemps makes files that only their owner reads
}

OutputFile::~OutputFile() {
    if (m_fd >= 0) ::close(m_fd);
    if (!m_kept) ::unlink(m_path.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(m_fd, bytes.data(), std::min<std::size_t>(bytes.size(), std::size_t{1} << 26));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) fail(errno, m_path, "cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        m_size += static_cast<std::uint64_t>(done);
    }
}

void OutputFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void OutputFile::sync() {
    if (m_fd < 0) return;
    const int synced = ::fsync(m_fd) == 0 ? 0 : errno;
    const int closed = ::close(m_fd) == 0 ? 0 : errno;
    m_fd = -1;
    if (synced || closed) fail(synced ? synced : closed, m_path, "cannot bring the file to the disk");
}

void OutputFile::commit(const std::filesystem::path& target) {
    sync();
    if (::rename(m_path.c_str(), target.c_str()) != 0) fail(errno, target, "cannot put the file in its place");
    m_kept = true;
    // The new name itself must survive a power cut, so the folder is synced as well; some file systems refuse, harmlessly.
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    if (const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
        (void)::fsync(fd);
        ::close(fd);
    }
}

}  // namespace airframe

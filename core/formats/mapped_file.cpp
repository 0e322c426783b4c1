// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace airframe {

MappedFile::MappedFile(const std::filesystem::path& path) : m_path(path) {
    const auto fail = [&](const std::string& what, const std::string& hint = {}) -> void {
        throw Failure(ErrorCode::bad_input, path.string(), what, hint);
    };
    // Without O_NONBLOCK a named pipe would be waited for.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) fail("cannot be opened: " + std::string(std::strerror(errno)), "check the path and its permissions");
    struct stat status {};
    const bool known = ::fstat(fd, &status) == 0;
    if (!known || !S_ISREG(status.st_mode) || status.st_size == 0) {
        ::close(fd);
        if (known && S_ISREG(status.st_mode)) fail("the file is empty", "copy or download it again");
        fail("is not a regular file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    const int error = errno;
    ::close(fd);
    if (address == MAP_FAILED) fail("cannot be mapped into memory: " + std::string(std::strerror(error)));
    m_bytes = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size()); }

}  // namespace airframe

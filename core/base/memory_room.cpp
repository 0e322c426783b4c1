// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/memory_room.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "core/base/error.h"

namespace airframe {
namespace {

/// The value of "Name:   123 kB" in a file of /proc, in bytes.
std::int64_t kernelField(const char* file, const std::string& name) {
    std::ifstream in(file);
    for (std::string word; in >> word;)
        if (word == name + ":") {
            std::int64_t kilobytes = 0;
            if (in >> kilobytes) return kilobytes * 1024;
        }
    throw Failure(ErrorCode::internal, file, "it has no field " + name);
}

/// A number alone in a file; none if the file is absent or holds a word ("max").
bool readNumber(const std::filesystem::path& file, std::int64_t& value) {
    return bool(std::ifstream(file) >> value);
}

/// Left under the limits of this process's control group (version 2) and its parents.
std::int64_t controlGroupRoom() {
    std::int64_t room = std::numeric_limits<std::int64_t>::max();
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("0::")) continue;
        const std::filesystem::path root = "/sys/fs/cgroup";
        for (std::filesystem::path group = root / line.substr(4);; group = group.parent_path()) {
            std::int64_t limit = 0, used = 0;
            if (readNumber(group / "memory.max", limit) && readNumber(group / "memory.current", used))
                room = std::min(room, std::max<std::int64_t>(0, limit - used));
            if (group == root || group == group.parent_path()) break;
        }
    }
    return room;
}

}  // namespace

std::int64_t availableMemory() {
    return std::min(kernelField("/proc/meminfo", "MemAvailable"), controlGroupRoom());
}

PeakMemory::PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::int64_t PeakMemory::bytes() const {
    return kernelField("/proc/self/status", "VmHWM");
}

}  // namespace airframe

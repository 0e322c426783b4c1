// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/process_owner.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace airframe {
namespace {

std::string firstLine(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

/// Start time of a process in clock ticks, 0 if there is none. The command name may hold spaces and brackets, so the
/// fields are counted from the last bracket.
std::int64_t startTime(std::int64_t pid) {
    const std::string stat = firstLine("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t bracket = stat.rfind(')');
    if (bracket == std::string::npos) return 0;
    std::istringstream fields(stat.substr(bracket + 1));
    std::string state, skipped;
    fields >> state;
    if (state == "Z" || state == "X") return 0;  // ended, only not yet collected by its parent
    for (int field = 4; field < 22; ++field) fields >> skipped;
    std::int64_t start = 0;
    fields >> start;
    return start;
}

std::string hostName() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    std::array<char, 64> space{};
    const ssize_t length = readlink("/proc/self/ns/pid", space.data(), space.size() - 1);
    return std::string(name.data()) +
           (length > 0 ? " " + std::string(space.data(), static_cast<std::size_t>(length)) : "");
}

}  // namespace

ProcessOwner ProcessOwner::self() {
    ProcessOwner out;
    out.host = hostName();
    out.boot_id = firstLine("/proc/sys/kernel/random/boot_id");
    out.pid = getpid();
    out.pid_start = startTime(out.pid);
    return out;
}

bool ProcessOwner::alive() const {
    if (boot_id != firstLine("/proc/sys/kernel/random/boot_id")) return false;
    if (host != hostName()) return true;
    return startTime(pid) == pid_start && pid_start != 0;
}

}  // namespace airframe

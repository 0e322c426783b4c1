// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/local_disk.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace airframe {
namespace {

// 9p is left out: it is how virtual machines and WSL show local folders of the host as often as a network.
constexpr std::array<std::string_view, 17> network_types = {
    "nfs",    "nfs4", "cifs",   "smb3",       "smbfs",          "afs",         "coda",        "ncpfs",    "ceph",
    "lustre", "gpfs", "beegfs", "fuse.sshfs", "fuse.glusterfs", "fuse.davfs2", "fuse.rclone", "fuse.s3fs"};

/// mountinfo writes space, tab, newline and backslash as \ooo.
std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else
            out += text[i];
    }
    return out;
}

bool contains(const std::string& mount, const std::string& path) {
    if (mount == "/") return path.starts_with('/');
    return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
}

}  // namespace

std::string networkFileSystemIn(std::string_view mountinfo, const std::string& path) {
    // proc(5): id parent major:minor root MOUNT-POINT options [fields...] - TYPE source options
    std::istringstream lines{std::string(mountinfo)};
    std::string line, best_type;
    std::size_t best = 0;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string word, mount, type;
        for (int i = 0; i < 5; ++i) words >> mount;
        while (words >> word && word != "-") {
        }
        words >> type;
        mount = unescaped(mount);
        if (contains(mount, path) && mount.size() >= best) {  // a later mount on the same place hides the earlier
            best = mount.size();
            best_type = type;
        }
    }
    const bool network = std::find(network_types.begin(), network_types.end(), best_type) != network_types.end();
    return network ? best_type : std::string();
}

std::string networkFileSystem(const std::filesystem::path& path) {
    std::ifstream in("/proc/self/mountinfo");
    std::ostringstream text;
    if (in) text << in.rdbuf();
    std::error_code code;
    const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path, code), code);
    return networkFileSystemIn(text.str(), real.string());
}

}  // namespace airframe

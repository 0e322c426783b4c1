// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/environment.h"

#include <ATen/Parallel.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace airframe {
namespace {

/// The processor's name as Linux tells it; "unknown processor" elsewhere.
std::string cpuName() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (!line.starts_with("model name") && !line.starts_with("Model\t")) continue;
        const std::size_t begin = line.find_first_not_of(" \t", line.find(':') + 1);
        if (begin != std::string::npos) return line.substr(begin);
    }
    return "unknown processor";
}

}  // namespace

nlohmann::json environment() {
    return {{"program", AIRFRAME_VERSION},
            {"libtorch", TORCH_VERSION},
            {"device", "cpu"},
            {"cpu", cpuName()},
            {"threads", at::get_num_threads()}};
}

std::string userName() {
    const char* user = std::getenv("USER");
    return user && *user ? user : "person";
}

}  // namespace airframe

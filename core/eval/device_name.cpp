// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/device_name.h"

#include <ATen/Parallel.h>

#include <fstream>

namespace airframe {
namespace {

std::string processorName() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (const auto colon = line.find(": "); line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    return "CPU";  // some architectures list no name
}

}  // namespace

std::string deviceName(const Compute& compute) {
    if (!compute.device.is_cpu()) return compute.device.str();
    const int threads = at::get_num_threads();
    return processorName() + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/task_random.h"

#include <limits>

#include "core/base/sha256.h"

namespace airframe {

TaskRandom::TaskRandom(std::string_view task, std::int64_t seed, std::int64_t item) {
    const std::string hash = sha256(std::string(task) + "/" + std::to_string(seed) + "/" + std::to_string(item));
    m_engine.seed(std::stoull(hash.substr(0, 16), nullptr, 16));
}

std::size_t TaskRandom::below(std::size_t n) {
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t limit = all - all % n;
    std::uint64_t drawn = m_engine();
    while (drawn >= limit) drawn = m_engine();
    return static_cast<std::size_t>(drawn % n);
}

std::string TaskRandom::digits(int n) {
    std::string text(1, static_cast<char>('1' + below(9)));
    while (static_cast<int>(text.size()) < n) text.push_back(static_cast<char>('0' + below(10)));
    return text;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "kernels/bench/cases.h"

namespace airframe::kernels::bench {

/// Runs `run` once to warm up, then at least 20 times and for at least a fifth of a second; fills the times of `timing`,
/// divided by the `units` of work that one run does. For runs of microseconds: each sample is a loop of at least 50 us.
inline void timeInto(std::vector<Timing>& out, Timing timing, double units, const std::function<void()>& run) {
    using Clock = std::chrono::steady_clock;
    const auto microseconds = [](Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); };
    run();
    auto start = Clock::now();
    run();
    const int loop = static_cast<int>(std::max(1.0, 50.0 / std::max(0.01, microseconds(Clock::now() - start))));
    std::vector<double> times;
    const auto first = Clock::now();
    while (times.size() < 20 || microseconds(Clock::now() - first) < 200e3) {
        start = Clock::now();
        for (int i = 0; i < loop; ++i) run();
        times.push_back(microseconds(Clock::now() - start) / loop / units);
    }
    std::sort(times.begin(), times.end());
    timing.best_us = times.front();
    timing.median_us = times[times.size() / 2];
    out.push_back(std::move(timing));
}

}  // namespace airframe::kernels::bench

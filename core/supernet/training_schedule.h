// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace airframe {

/// How far a training run is and which learning rate that asks for. The run ends at `tokens` or `seconds`, whichever is
/// set and comes first; a limit of 0 is none.
struct TrainingSchedule {
    std::int64_t tokens = 0;
    double seconds = 0;
    double lr = 0, lr_end = 0;
    double warm_up = 0.01;  ///< share of the run in which the rate rises to `lr`

    /// 0 at the start, 1 or more at the end.
    [[nodiscard]] double progress(std::int64_t tokens_done, double seconds_done) const {
        double p = 0;
        if (tokens > 0) p = std::max(p, static_cast<double>(tokens_done) / static_cast<double>(tokens));
        if (seconds > 0) p = std::max(p, seconds_done / seconds);
        return p;
    }
    /// Cosine from lr to lr_end after a linear warm-up.
    [[nodiscard]] double rate(double progress) const {
        if (progress < warm_up) return lr * std::max(0.1, progress / warm_up);
        const double p = std::min(1.0, (progress - warm_up) / (1 - warm_up));
        return lr_end + (lr - lr_end) * 0.5 * (1 + std::cos(std::numbers::pi * p));
    }
};

}  // namespace airframe

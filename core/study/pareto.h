// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace airframe {

/// A point to be compared, both axes "higher is better", each with its interval (low <= value <= high).
struct ParetoPoint {
    double x = 0, x_low = 0, x_high = 0;
    double y = 0, y_low = 0, y_high = 0;
};

struct ParetoResult {
    std::vector<bool> on_front;             ///< not dominated by any point's values
    std::vector<bool> dominated_beyond_error;  ///< some point is better on both axes even at the near ends of the intervals
    std::vector<std::ptrdiff_t> dominated_by;  ///< index of one point that dominates it, or -1
    std::ptrdiff_t knee = -1;               ///< on the front, farthest from the chord between its ends (normalised axes)
};

/// By sorting, n log n. Equal points share the front; a point with a value that is not finite is never on it and dominates
/// nothing. No knee (-1) where no point of the front lies above the chord.
[[nodiscard]] ParetoResult pareto(const std::vector<ParetoPoint>& points);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace airframe {
namespace {

constexpr std::ptrdiff_t none = -1;

bool usable(const ParetoPoint& p) {
    return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.x_low) && std::isfinite(p.x_high) &&
           std::isfinite(p.y_low) && std::isfinite(p.y_high);
}

/// Sweep from the largest x: a point is dominated by the highest point to its right, or above it at the same x.
void markValues(const std::vector<ParetoPoint>& points, std::vector<std::size_t> order, ParetoResult& out) {
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
        if (points[a].x != points[b].x) return points[a].x > points[b].x;
        return points[a].y > points[b].y;
    });
    std::ptrdiff_t best = none;  // highest y among strictly larger x
    for (std::size_t i = 0; i < order.size();) {
        const std::size_t top = order[i];
        std::size_t end = i;
        for (; end < order.size() && points[order[end]].x == points[top].x; ++end) {
            const std::size_t at = order[end];
            std::ptrdiff_t by = none;
            if (best != none && points[static_cast<std::size_t>(best)].y >= points[at].y)
                by = best;
            else if (points[top].y > points[at].y)
                by = static_cast<std::ptrdiff_t>(top);
            out.dominated_by[at] = by;
            out.on_front[at] = by == none;
        }
        if (best == none || points[top].y > points[static_cast<std::size_t>(best)].y)
            best = static_cast<std::ptrdiff_t>(top);
        i = end;
    }
}

void markBeyondError(const std::vector<ParetoPoint>& points, std::vector<std::size_t> order, ParetoResult& out) {
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return points[a].x_low > points[b].x_low; });
    std::vector<double> lows, highest;  // x_low falling; the highest y_low so far
    for (const std::size_t i : order) {
        lows.push_back(points[i].x_low);
        highest.push_back(std::max(points[i].y_low, highest.empty() ? points[i].y_low : highest.back()));
    }
    for (const std::size_t i : order) {
        const auto end = std::lower_bound(lows.begin(), lows.end(), points[i].x_high, std::greater<>());
        const auto right =
            static_cast<std::size_t>(end - lows.begin());  // how many lie right of it even at their near end
        out.dominated_beyond_error[i] = right > 0 && highest[right - 1] > points[i].y_high;
    }
}

std::ptrdiff_t kneeOf(const std::vector<ParetoPoint>& points, const ParetoResult& result) {
    std::ptrdiff_t left = none, right = none;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!result.on_front[i]) continue;
        const auto at = static_cast<std::ptrdiff_t>(i);
        if (left == none || points[i].x < points[static_cast<std::size_t>(left)].x) left = at;
        if (right == none || points[i].x > points[static_cast<std::size_t>(right)].x) right = at;
    }
    if (left == none) return none;
    const ParetoPoint& a = points[static_cast<std::size_t>(left)];
    const ParetoPoint& b = points[static_cast<std::size_t>(right)];
    const double width = b.x - a.x, height = a.y - b.y;
    if (!(width > 0) || !(height > 0)) return none;
    // In the unit square the chord runs from (0, 1) to (1, 0): the distance above it grows with u + v - 1.
    std::ptrdiff_t knee = none;
    double farthest = 1e-12;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!result.on_front[i]) continue;
        const double distance = (points[i].x - a.x) / width + (points[i].y - b.y) / height - 1;
        if (distance > farthest) {
            farthest = distance;
            knee = static_cast<std::ptrdiff_t>(i);
        }
    }
    return knee;
}

}  // namespace

ParetoResult pareto(const std::vector<ParetoPoint>& points) {
    ParetoResult out;
    out.on_front.assign(points.size(), false);
    out.dominated_beyond_error.assign(points.size(), false);
    out.dominated_by.assign(points.size(), none);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (usable(points[i])) order.push_back(i);
    markValues(points, order, out);
    markBeyondError(points, order, out);
    out.knee = kneeOf(points, out);
    return out;
}

}  // namespace airframe

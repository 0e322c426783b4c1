// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/hit_grid.h"

#include <algorithm>
#include <cmath>

namespace airframe::ui {

namespace {
constexpr int most_cells = 512;  // per axis
}

HitGrid::HitGrid(const std::vector<QPointF>& points, double cell) : m_points(points), m_cell(cell) {
    // A place that is not a number (no axis yet) must not make the grid endless; such a point is never near anything.
    for (QPointF& point : m_points)
        if (!std::isfinite(point.x()) || !std::isfinite(point.y())) point = {-1e4, -1e4};
    if (m_points.empty()) return;
    const auto [left, right] = std::minmax_element(m_points.begin(), m_points.end(), [](auto a, auto b) { return a.x() < b.x(); });
    const auto [top, bottom] = std::minmax_element(m_points.begin(), m_points.end(), [](auto a, auto b) { return a.y() < b.y(); });
    m_origin = {left->x(), top->y()};
    m_cell = std::max(cell, std::max(right->x() - left->x(), bottom->y() - top->y()) / most_cells);
    m_columns = static_cast<int>((right->x() - left->x()) / m_cell) + 1;
    m_rows = static_cast<int>((bottom->y() - top->y()) / m_cell) + 1;
    m_cells.resize(static_cast<std::size_t>(m_columns) * static_cast<std::size_t>(m_rows));
    for (std::size_t i = 0; i < m_points.size(); ++i)
        m_cells[static_cast<std::size_t>(row(m_points[i].y()) * m_columns + column(m_points[i].x()))].push_back(static_cast<int>(i));
}

int HitGrid::column(double x) const { return std::clamp(static_cast<int>(std::floor((x - m_origin.x()) / m_cell)), 0, m_columns - 1); }
int HitGrid::row(double y) const { return std::clamp(static_cast<int>(std::floor((y - m_origin.y()) / m_cell)), 0, m_rows - 1); }

int HitGrid::nearest(QPointF place, double radius) const {
    int best = -1;
    double best_distance = radius * radius;
    for (const int i : inside(QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius))) {
        const QPointF away = m_points[static_cast<std::size_t>(i)] - place;
        const double distance = QPointF::dotProduct(away, away);
        if (distance > best_distance) continue;
        best = i;
        best_distance = distance;
    }
    return best;
}

std::vector<int> HitGrid::inside(const QRectF& area) const {
    std::vector<int> found;
    if (m_points.empty()) return found;
    for (int r = row(area.top()); r <= row(area.bottom()); ++r)
        for (int c = column(area.left()); c <= column(area.right()); ++c)
            for (const int i : m_cells[static_cast<std::size_t>(r * m_columns + c)]) {
                const QPointF& point = m_points[static_cast<std::size_t>(i)];
                if (point.x() >= area.left() && point.x() <= area.right() && point.y() >= area.top() && point.y() <= area.bottom())
                    found.push_back(i);
            }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace airframe::ui

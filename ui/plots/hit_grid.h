// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <vector>

namespace airframe::ui {

/// Finds the point nearest to a place among many, by a grid of cells: Qt Charts tells of a hover only the value, not
/// which point it was, and walks all points. Built once per layout; const after that.
class HitGrid {
  public:
    HitGrid() = default;
    explicit HitGrid(const std::vector<QPointF>& points, double cell = 24);
    /// Index of the nearest point within `radius`, -1 = none. Of equally near ones the last, which is drawn on top.
    [[nodiscard]] int nearest(QPointF place, double radius) const;
    /// Indices of all points inside `area`, rising.
    [[nodiscard]] std::vector<int> inside(const QRectF& area) const;

  private:
    [[nodiscard]] int column(double x) const;
    [[nodiscard]] int row(double y) const;
    std::vector<QPointF> m_points;
    std::vector<std::vector<int>> m_cells;
    QPointF m_origin;
    double m_cell = 24;
    int m_columns = 0, m_rows = 0;
};

}  // namespace airframe::ui

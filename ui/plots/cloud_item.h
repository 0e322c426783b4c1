// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGraphicsItem>
#include <QPixmap>
#include <memory>
#include <vector>

#include "ui/plots/hit_grid.h"
#include "ui/plots/mark.h"

class QChart;
class QAbstractSeries;

namespace airframe::ui {

/// Many marks inside a chart as one graphics item: a QScatterSeries makes an item of each and takes seconds at 50,000.
/// Paints only the marks in the exposed area; very many are kept as one picture, so that a repaint is one copy. Lives with
/// its chart.
class CloudItem : public QGraphicsItem {
  public:
    explicit CloudItem(QChart* chart);
    void setMarks(std::shared_ptr<const std::vector<Mark>> marks);
    /// Places the marks where the axes of `series` put them; call when ranges or the plot area changed.
    void layout(QAbstractSeries* series);
    [[nodiscard]] int nearest(QPointF chart_pos, double radius) const { return m_grid.nearest(chart_pos, radius); }
    [[nodiscard]] QPointF positionOf(int index) const { return m_positions.at(static_cast<std::size_t>(index)); }
    [[nodiscard]] const std::vector<QPointF>& positions() const { return m_positions; }
    [[nodiscard]] QRectF boundingRect() const override { return m_area; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

  private:
    void paintPicture(double ratio);
    QChart* m_chart;
    std::shared_ptr<const std::vector<Mark>> m_marks;
    std::vector<QPointF> m_positions;
    HitGrid m_grid;
    QRectF m_area;
    QPixmap m_picture;  ///< of very many marks, null = to be made
};

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGraphicsItem>
#include <QLineF>
#include <memory>
#include <vector>

#include "ui/plots/mark.h"

class QChart;
class QAbstractSeries;

namespace airframe::ui {

/// Error bars of marks, both ways, with end caps: Qt Charts has none. Lives with its chart.
class WhiskerItem : public QGraphicsItem {
  public:
    explicit WhiskerItem(QChart* chart);
    void setMarks(std::shared_ptr<const std::vector<Mark>> marks);
    void layout(QAbstractSeries* series);
    [[nodiscard]] QRectF boundingRect() const override { return m_area; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

  private:
    struct Bar {
        QLineF line;
        QColor color;
    };
    QChart* m_chart;
    std::shared_ptr<const std::vector<Mark>> m_marks;
    std::vector<Bar> m_bars;
    QRectF m_area;
};

}  // namespace airframe::ui

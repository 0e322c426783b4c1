// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGraphicsItem>
#include <QString>
#include <vector>

#include "ui/plots/mark.h"

class QChart;

namespace airframe::ui {

class Theme;

/// The legend of a cloud: one entry per kind of mark, in a row above the plot area, part of exports. Lives with its
/// chart.
class MarkLegendItem : public QGraphicsItem {
  public:
    struct Entry {
        Mark::Shape shape;
        QColor color;
        QString text;
        bool faded = false;
    };
    MarkLegendItem(QChart* chart, const Theme& theme);
    void setEntries(std::vector<Entry> entries);
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

  private:
    QChart* m_chart;
    const Theme& m_theme;
    std::vector<Entry> m_entries;
};

}  // namespace airframe::ui

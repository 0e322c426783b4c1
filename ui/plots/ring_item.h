// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGraphicsItem>
#include <QString>
#include <vector>

class QChart;

namespace airframe::ui {

class Theme;

/// What is drawn around and beside single marks: rings for hovered, selected and the slots, and labels. On top of the
/// cloud, so that a hover repaints only these. Labels step aside for each other. Lives with its chart.
class RingItem : public QGraphicsItem {
  public:
    enum class Kind { hovered, selected, slot_a, slot_b, knee, label };
    struct Ring {
        Kind kind;
        QPointF at;
        QString text;  ///< written beside it
    };
    RingItem(QChart* chart, const Theme& theme);
    void setRings(std::vector<Ring> rings);
    /// Keeps to one ring's own small area: a hover then repaints that alone.
    void setSmall(bool small) { m_small = small; }
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

  private:
    QChart* m_chart;
    const Theme& m_theme;
    std::vector<Ring> m_rings;
    bool m_small = false;
};

}  // namespace airframe::ui

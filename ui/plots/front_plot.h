// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "ui/models/front_data.h"
#include "ui/plots/mark.h"
#include "ui/plots/plot_view.h"

class QLineSeries;
class QValueAxis;

namespace airframe::ui {

class CloudItem;
class HoverCard;
class LogAxis;
class MarkLegendItem;
class RingItem;
class WhiskerItem;

/// Accuracy against speed: every measured placement as a mark with its error bars, the front as a line, the knee named.
/// Shows one FrontData; tells of hover, pick and keys; knows no selection itself. GUI thread.
class FrontPlot : public PlotView {
    Q_OBJECT
  public:
    explicit FrontPlot(const Theme* theme, QWidget* parent = nullptr);
    /// `as_loss`: the vertical axis is the loss (lower is better, drawn downwards as better upwards).
    void setData(std::shared_ptr<const FrontData> data, bool as_loss);
    void setMarked(const QString& hovered, const QString& selected, const QString& slot_a, const QString& slot_b);
    /// Index of the point at a place of the viewport, -1 = none.
    [[nodiscard]] int pointAt(QPointF view_pos) const;
    [[nodiscard]] QPointF viewPositionOf(int index) const;

  Q_SIGNALS:
    void pointHovered(const QString& placement);  ///< "" = none
    void pointPicked(const QString& placement);
    void slotRequested(const QString& placement, QChar slot);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void rebuild();
    void place();
    void hover(QPointF view_pos);
    void showCard(int index, QPoint anchor);
    void step(int by);
    void placeHover();
    void placeRings();
    [[nodiscard]] Mark markOf(std::size_t index) const;
    std::shared_ptr<const FrontData> m_data;
    bool m_as_loss = false;
    QString m_hovered, m_selected, m_a, m_b;
    QLineSeries* m_line;
    LogAxis* m_x;
    QValueAxis* m_y;
    CloudItem* m_cloud;
    WhiskerItem* m_whiskers;
    MarkLegendItem* m_legend;
    RingItem* m_rings;
    RingItem* m_hover_ring;
    HoverCard* m_card;
};

}  // namespace airframe::ui

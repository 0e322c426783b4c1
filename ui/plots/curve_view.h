// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>
#include <vector>

#include "ui/plots/plot_view.h"

class QLineSeries;
class QValueAxis;

namespace airframe::ui {

class LogAxis;

/// One curve of a training: layer -1 = mean over the layers. x in tokens, y positive.
struct Curve {
    int layer = -1;
    QList<QPointF> points;
};

/// Training curves on a logarithmic axis: the mean bold, the layers faint, the selected layer in the accent colour.
/// Data may be set again and again while a training runs; the layer keeps its highlight. GUI thread.
class CurveView : public PlotView {
    Q_OBJECT
  public:
    explicit CurveView(const Theme* theme, QWidget* parent = nullptr);
    void setCurves(const std::vector<Curve>& curves);
    void setCurrentLayer(int layer);

  Q_SIGNALS:
    void layerPicked(int layer);

  private:
    struct Line {
        int layer;
        QLineSeries* series;
    };
    void paintLines();
    void pick(QPointF view_pos);
    std::vector<Line> m_lines;
    QValueAxis* m_tokens;
    LogAxis* m_loss;
    int m_current = -1;
};

}  // namespace airframe::ui

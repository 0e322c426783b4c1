// SPDX-License-Identifier: GPL-3.0-or-later
// Theme::styleChart lives here because only this folder includes Qt Charts.
#include <QAbstractAxis>
#include <QChart>
#include <QLegend>

#include "ui/theme.h"

namespace airframe::ui {

void Theme::styleChart(QChart& chart) const {
    QFont small = bodyFont();
    QFont heading = headingFont();
    chart.setBackgroundVisible(true);
    chart.setBackgroundBrush(surface());
    chart.setBackgroundPen(Qt::NoPen);
    chart.setBackgroundRoundness(0);
    chart.setPlotAreaBackgroundVisible(false);
    chart.setTitleBrush(text());
    chart.setTitleFont(heading);
    QColor grid = border();
    grid.setAlphaF(0.6f);
    const auto axes = chart.axes();
    for (QAbstractAxis* axis : axes) {
        axis->setLabelsColor(mutedText());
        axis->setLabelsFont(numberFont());
        axis->setTitleBrush(mutedText());
        axis->setTitleFont(small);
        axis->setLinePen(QPen(border(), 1));
        axis->setGridLinePen(QPen(grid, 1));
        axis->setMinorGridLineVisible(false);
        axis->setShadesVisible(false);
    }
    chart.legend()->setLabelColor(text());
    chart.legend()->setFont(small);
    chart.legend()->setBackgroundVisible(false);
}

}  // namespace airframe::ui

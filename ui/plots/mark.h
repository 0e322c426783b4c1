// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>
#include <QString>

class QPainter;

namespace airframe::ui {

/// One point of a plot with its intervals, in axis coordinates (logarithms on a LogAxis). Shapes tell kinds apart
/// without colour.
struct Mark {
    enum class Shape { circle, diamond, triangle, square, down_triangle, cross };
    QString placement, label;  ///< label: written beside it, "" = none
    QPointF at;
    double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
    Shape shape = Shape::circle;
    QColor color;
    bool faded = false;
    bool on_front = false;
};

/// Draws a mark's shape. Faded ones are hollow, so that they are told apart without colour too.
void paintMark(QPainter& painter, Mark::Shape shape, QPointF center, double radius, const QColor& color, bool faded);

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/mark.h"

#include <QPainter>
#include <QPolygonF>

namespace airframe::ui {

void paintMark(QPainter& painter, Mark::Shape shape, QPointF center, double radius, const QColor& color, bool faded) {
    QColor ink = color;
    if (faded) ink.setAlphaF(0.55F);
    painter.setPen(QPen(ink, 1.4));
    painter.setBrush(faded ? QBrush(Qt::NoBrush) : QBrush(ink));
    const auto polygon = [&](std::initializer_list<QPointF> corners) {
        QPolygonF shape_polygon;
        for (const QPointF& corner : corners) shape_polygon << center + corner * radius;
        painter.drawPolygon(shape_polygon);
    };
    switch (shape) {
        case Mark::Shape::circle: painter.drawEllipse(center, radius * 0.9, radius * 0.9); break;
        case Mark::Shape::diamond: polygon({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}}); break;
        case Mark::Shape::triangle: polygon({{0, -1.2}, {1.1, 0.9}, {-1.1, 0.9}}); break;
        case Mark::Shape::down_triangle: polygon({{0, 1.2}, {1.1, -0.9}, {-1.1, -0.9}}); break;
        case Mark::Shape::square: polygon({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}}); break;
        case Mark::Shape::cross:
            painter.setPen(QPen(ink, 2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(center - QPointF(radius, radius) * 0.8, center + QPointF(radius, radius) * 0.8);
            painter.drawLine(center - QPointF(radius, -radius) * 0.8, center + QPointF(radius, -radius) * 0.8);
            break;
    }
}

}  // namespace airframe::ui

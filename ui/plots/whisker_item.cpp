// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/whisker_item.h"

#include <QAbstractSeries>
#include <QChart>
#include <QPainter>

namespace airframe::ui {

namespace {
constexpr double cap = 3;
constexpr double shortest = 2;        // pixels; a shorter bar hides behind its mark
constexpr std::size_t most = 400;     // more marks than that: only the front's bars, the rest would be a grey wall
}  // namespace

WhiskerItem::WhiskerItem(QChart* chart) : QGraphicsItem(chart), m_chart(chart) {
    setAcceptedMouseButtons(Qt::NoButton);
    setZValue(15);
}

void WhiskerItem::setMarks(std::shared_ptr<const std::vector<Mark>> marks) { m_marks = std::move(marks); }

void WhiskerItem::layout(QAbstractSeries* series) {
    prepareGeometryChange();
    m_area = m_chart->plotArea();
    m_bars.clear();
    if (!m_marks) return;
    for (const Mark& mark : *m_marks) {
        if (m_marks->size() > most && !mark.on_front) continue;
        QColor color = mark.color;
        color.setAlphaF(mark.faded ? 0.3F : 0.75F);
        for (const QLineF& line : {QLineF(m_chart->mapToPosition({mark.x_low, mark.at.y()}, series),
                                          m_chart->mapToPosition({mark.x_high, mark.at.y()}, series)),
                                   QLineF(m_chart->mapToPosition({mark.at.x(), mark.y_low}, series),
                                          m_chart->mapToPosition({mark.at.x(), mark.y_high}, series))})
            if (line.length() > shortest) m_bars.push_back({line, color});
    }
    update();
}

void WhiskerItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    painter->setClipRect(m_area);
    for (const Bar& bar : m_bars) {
        painter->setPen(QPen(bar.color, 1.2));
        painter->drawLine(bar.line);
        const QPointF across = bar.line.dx() == 0 ? QPointF(cap, 0) : QPointF(0, cap);
        painter->drawLine(bar.line.p1() - across, bar.line.p1() + across);
        painter->drawLine(bar.line.p2() - across, bar.line.p2() + across);
    }
}

}  // namespace airframe::ui

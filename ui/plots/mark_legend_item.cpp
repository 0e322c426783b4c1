// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/mark_legend_item.h"

#include <QChart>
#include <QPainter>

#include "ui/theme.h"

namespace airframe::ui {

namespace {
constexpr double height = 20, lift = 28;
}

MarkLegendItem::MarkLegendItem(QChart* chart, const Theme& theme) : QGraphicsItem(chart), m_chart(chart), m_theme(theme) {
    setAcceptedMouseButtons(Qt::NoButton);
    setZValue(12);
}

void MarkLegendItem::setEntries(std::vector<Entry> entries) {
    m_entries = std::move(entries);
    update();
}

QRectF MarkLegendItem::boundingRect() const {
    const QRectF plot = m_chart->plotArea();
    return {plot.left(), plot.top() - lift, plot.width(), height};
}

void MarkLegendItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(m_theme.bodyFont());
    const QFontMetricsF metrics(m_theme.bodyFont());
    const QRectF box = boundingRect();
    double x = box.left();
    for (const Entry& entry : m_entries) {
        const double width = metrics.horizontalAdvance(entry.text);
        if (x + 18 + width > box.right()) break;  // a narrow plot drops the last entries; shapes are told in the table too
        paintMark(*painter, entry.shape, {x + 6, box.center().y()}, 5, entry.color, entry.faded);
        painter->setPen(m_theme.mutedText());
        painter->drawText(QRectF(x + 18, box.top(), width + 2, box.height()), Qt::AlignLeft | Qt::AlignVCenter, entry.text);
        x += 18 + width + 16;
    }
}

}  // namespace airframe::ui

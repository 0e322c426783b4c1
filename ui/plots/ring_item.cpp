// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/ring_item.h"

#include <QChart>
#include <QPainter>
#include <algorithm>

#include "ui/theme.h"

namespace airframe::ui {

RingItem::RingItem(QChart* chart, const Theme& theme) : QGraphicsItem(chart), m_chart(chart), m_theme(theme) {
    setAcceptedMouseButtons(Qt::NoButton);
    setZValue(30);
}

void RingItem::setRings(std::vector<Ring> rings) {
    prepareGeometryChange();  // repaints the old and the new place, not the whole plot
    m_rings = std::move(rings);
    update();
}

QRectF RingItem::boundingRect() const {
    if (!m_small) return m_chart->plotArea().adjusted(-16, -16, 16, 16);
    return m_rings.empty() ? QRectF() : QRectF(m_rings.front().at - QPointF(12, 12), QSizeF(24, 24));
}

void RingItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF area = m_chart->plotArea().adjusted(0, -16, 16, 16);  // where labels may stand: not on the axis' numbers
    std::vector<QRectF> taken;
    for (const Ring& ring : m_rings) taken.emplace_back(ring.at - QPointF(6, 6), QSizeF(12, 12));
    for (const Ring& ring : m_rings) {
        QColor color = m_theme.mutedText();
        double radius = 0;
        switch (ring.kind) {
            case Kind::hovered: color = m_theme.text(), radius = 8; break;
            case Kind::selected: color = m_theme.accent(), radius = 9.5; break;
            case Kind::slot_a: color = m_theme.slotA(), radius = 12.5; break;
            case Kind::slot_b: color = m_theme.slotB(), radius = 12.5; break;
            case Kind::knee: radius = 0; break;
            case Kind::label: break;
        }
        if (radius > 0) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(color, ring.kind == Kind::hovered ? 1.5 : 2.2));
            painter->drawEllipse(ring.at, radius, radius);
        }
        if (ring.text.isEmpty()) continue;
        const bool slot = ring.kind == Kind::slot_a || ring.kind == Kind::slot_b;
        QFont font = m_theme.bodyFont();
        font.setPointSizeF(font.pointSizeF() * 0.92);
        font.setBold(slot);
        const QFontMetricsF metrics(font);
        const QSizeF size(metrics.horizontalAdvance(ring.text) + 4, metrics.height());
        const double off = std::max(radius, 7.0) + 3;
        const QPointF places[] = {{off, -size.height() - 2},          {-off - size.width(), -size.height() - 2},
                                  {off, 2},                           {-off - size.width(), 2},
                                  {-size.width() / 2, -off - size.height()}, {-size.width() / 2, off}};
        for (const QPointF& place : places) {
            const QRectF box(ring.at + place, size);
            const bool free = area.contains(box) && std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(box); });
            if (!free) continue;  // a label with no free place is left out; the hover card has it
            taken.push_back(box);
            QColor halo = m_theme.surface();
            halo.setAlphaF(0.8F);
            painter->fillRect(box, halo);  // a line below stays visible and the text readable
            painter->setFont(font);
            painter->setPen(slot ? color : m_theme.text());
            painter->drawText(box, Qt::AlignCenter, ring.text);
            break;
        }
    }
}

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/heatmap_header.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"
#include "ui/models/importance_model.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap_view.h"

namespace airframe::ui {

HeatmapHeader::HeatmapHeader(Qt::Orientation orientation, const Theme& theme, const ImportanceModel& model,
                             HeatmapView* view)
    : QHeaderView(orientation, view), m_theme(theme), m_model(model), m_view(*view) {}

QString HeatmapHeader::secondLine(int row) const {
    if (row >= static_cast<int>(m_model.tasks().size())) return tr("of the tasks shown");
    const auto& task = m_model.tasks()[static_cast<std::size_t>(row)];
    if (std::isnan(task.base_nll)) return tr("base not measured");
    return tr("base %1 · %n items", nullptr, task.items).arg(fixed(task.base_nll, 2));
}

QSize HeatmapHeader::sizeHint() const {
    const QFontMetrics metrics(m_theme.bodyFont());
    if (orientation() == Qt::Horizontal) return {0, metrics.height() + 20};
    int width = 96;
    for (int row = 0; row < m_model.rowCount(); ++row)
        width = std::max({width, metrics.horizontalAdvance(secondLine(row)),
                          metrics.horizontalAdvance(m_model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString()) + 16});
    return {width + 16, 0};
}

void HeatmapHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
    painter->save();
    painter->fillRect(rect, m_theme.surface());
    if (orientation() == Qt::Horizontal) paintLayer(*painter, rect, section);
    else paintTask(*painter, rect, section);
    painter->restore();
}

void HeatmapHeader::paintLayer(QPainter& painter, const QRect& rect, int column) const {
    const int layer = m_model.layerOf(column);
    const bool selected = layer == m_view.currentLayer();
    QFont font = m_theme.numberFont();
    font.setPointSizeF(font.pointSizeF() * 0.9);
    font.setBold(selected);
    painter.setFont(font);
    painter.setPen(selected ? m_theme.accent() : m_theme.mutedText());
    painter.drawText(rect.adjusted(0, 0, 0, -4), Qt::AlignHCenter | Qt::AlignBottom, QString::number(layer));
    const QPointF top(rect.center().x() + 0.5, rect.top() + 9);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_model.pinned().count(layer)) {  // a lock
        painter.setPen(QPen(m_theme.text(), 1.4));
        painter.drawArc(QRectF(top.x() - 2.5, top.y() - 6, 5, 9), 0, 180 * 16);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.text());
        painter.drawRoundedRect(QRectF(top.x() - 4, top.y() - 1.5, 8, 6), 1, 1);
    } else if (m_model.forbidden().count(layer)) {  // a bar across a ring
        painter.setPen(QPen(m_theme.bad(), 1.6));
        painter.drawEllipse(top, 4.5, 4.5);
        painter.drawLine(top + QPointF(-3.2, 3.2), top + QPointF(3.2, -3.2));
    }
    if (selected) painter.fillRect(QRect(rect.left(), rect.bottom() - 2, rect.width(), 2), m_theme.accent());
}

void HeatmapHeader::paintTask(QPainter& painter, const QRect& rect, int row) const {
    const bool mean = row == m_model.rowCount() - 1;
    const QRect area = rect.adjusted(4, mean ? 4 : 0, -8, 0);
    const QFontMetrics metrics(m_theme.bodyFont());
    const int top = area.center().y() - metrics.height();
    QFont font = m_theme.bodyFont();
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(m_theme.text());
    QString label = m_model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
    if (m_model.sortedBy() == row) label += QStringLiteral("  ") + QChar(0x25B8);
    painter.drawText(QRect(area.left(), top, area.width(), metrics.height()), Qt::AlignRight | Qt::AlignVCenter, label);
    font = m_theme.numberFont();
    font.setPointSizeF(font.pointSizeF() * 0.85);
    painter.setFont(font);
    painter.setPen(m_theme.mutedText());
    painter.drawText(QRect(area.left(), top + metrics.height(), area.width(), metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, secondLine(row));
}

}  // namespace airframe::ui

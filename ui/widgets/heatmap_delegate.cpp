// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/heatmap_delegate.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/models/importance_model.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap_view.h"

namespace airframe::ui {

QColor inkOn(const QColor& fill) {
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    const double luminance = 0.2126 * linear(fill.redF()) + 0.7152 * linear(fill.greenF()) + 0.0722 * linear(fill.blueF());
    return luminance > 0.179 ? QColor(Qt::black) : QColor(Qt::white);  // both reach 4.5 there, and only there
}

void HeatmapDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& theme = m_view.theme();
    const bool mean = index.row() == m_model.rowCount() - 1;
    QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    if (mean) box.setTop(box.top() + 4);  // a gap sets the mean apart from what it sums up
    painter->save();
    const QVariant value = index.data(ImportanceModel::ValueRole);
    if (!value.isValid()) {
        painter->fillRect(box, QBrush(theme.mutedText(), Qt::BDiagPattern));
    } else {
        const QColor fill = theme.value(index.data(ImportanceModel::FillRole).toDouble());
        const QColor ink = inkOn(fill);
        painter->fillRect(box, fill);
        painter->setFont([&] {
            QFont font = theme.numberFont();
            font.setPointSizeF(font.pointSizeF() * 0.85);
            return font;
        }());
        QString text = index.data().toString();
        const QFontMetricsF metrics(painter->font());
        if (text.startsWith(QLatin1String("0."))) text.remove(0, 1);  // ".12" as tables of small numbers print it
        else if (text.startsWith(QChar(0x2212) + QStringLiteral("0."))) text.remove(1, 1);
        const bool bar = !m_model.ranks();
        if (metrics.horizontalAdvance(text) <= box.width() - 2) {
            painter->setPen(ink);
            painter->drawText(box.adjusted(0, 0, 0, bar ? -6 : 0), Qt::AlignCenter, text);
        }
        if (bar) paintInterval(*painter, box, index, ink);
    }
    const bool hovered = m_view.hoveredIndex() == index;
    const bool selected_column = m_model.layerOf(index.column()) == m_view.currentLayer();
    painter->setBrush(Qt::NoBrush);
    if (selected_column) {
        painter->setPen(QPen(theme.accent(), 2));
        painter->drawLine(QPointF(box.left(), option.rect.top()), QPointF(box.left(), option.rect.bottom() + 1));
        painter->drawLine(QPointF(box.right(), option.rect.top()), QPointF(box.right(), option.rect.bottom() + 1));
    }
    const bool current = m_view.currentIndex() == index && m_view.hasFocus();
    if (hovered || current) {
        painter->setPen(QPen(current ? theme.accent() : theme.text(), 2));
        painter->drawRect(box.adjusted(1, 1, -1, -1));
    }
    painter->restore();
}

void HeatmapDelegate::paintInterval(QPainter& painter, const QRectF& box, const QModelIndex& index,
                                    const QColor& ink) const {
    const double low = index.data(ImportanceModel::ScaleLowRole).toDouble();
    const double high = index.data(ImportanceModel::ScaleHighRole).toDouble();
    if (!(high > low) || box.width() < 16) return;
    const auto x = [&](ImportanceModel::Role role) {
        const double t = (index.data(role).toDouble() - low) / (high - low);
        return box.left() + 3 + std::clamp(t, 0.0, 1.0) * (box.width() - 6);
    };
    const double y = box.bottom() - 5;
    QColor faint = ink;
    faint.setAlphaF(0.75F);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(faint, 1.5));
    painter.drawLine(QPointF(x(ImportanceModel::LowRole), y), QPointF(x(ImportanceModel::HighRole), y));
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(x(ImportanceModel::ValueRole), y), 1.8, 1.8);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace airframe::ui

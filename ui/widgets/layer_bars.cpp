// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/layer_bars.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/theme.h"

namespace airframe::ui {

LayerBars::LayerBars(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    connect(theme, &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void LayerBars::setValues(const std::vector<double>& values, const QString& unit) {
    m_values = values;
    m_unit = unit;
    if (m_current >= static_cast<int>(values.size())) m_current = -1;
    update();
}

void LayerBars::setCurrentLayer(int layer) {
    const int bounded = layer < static_cast<int>(m_values.size()) ? layer : -1;
    if (bounded == m_current) return;
    m_current = bounded;
    setAccessibleDescription(m_current < 0 ? QString() : valueText(m_current));
    update();
}

QString LayerBars::valueText(int layer) const {
    const double value = m_values[static_cast<std::size_t>(layer)];
    if (!std::isfinite(value)) return tr("layer %1: not measured").arg(layer);
    return tr("layer %1: %2 %3").arg(layer).arg(value, 0, 'f', 3).arg(m_unit).trimmed();
}

QRectF LayerBars::plot() const {
    const QFontMetrics metrics(m_theme->numberFont());
    return QRectF(rect()).adjusted(metrics.horizontalAdvance(QStringLiteral("0.00")) + 12, metrics.height() + 4, -4,
                                   -(metrics.height() + 6));
}

int LayerBars::layerAt(double x) const {
    if (m_values.empty()) return -1;
    const QRectF area = plot();
    const int layer = static_cast<int>(std::floor((x - area.left()) / area.width() * static_cast<double>(m_values.size())));
    return layer >= 0 && layer < static_cast<int>(m_values.size()) ? layer : -1;
}

void LayerBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = plot();
    double highest = 0;
    for (const double value : m_values)
        if (std::isfinite(value)) highest = std::max(highest, value);
    if (highest <= 0) return;
    painter.setFont(m_theme->numberFont());
    const QFontMetrics metrics(m_theme->numberFont());
    painter.setPen(m_theme->mutedText());
    painter.drawText(QRectF(0, area.top() - metrics.height() / 2.0, area.left() - 8, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, QString::number(highest, 'f', 2));
    painter.drawText(QRectF(0, area.bottom() - metrics.height() / 2.0, area.left() - 8, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));
    painter.setPen(m_theme->border());
    painter.drawLine(area.topLeft(), area.topRight());
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    const double width = area.width() / static_cast<double>(m_values.size());
    const int label_every = width * 1.0 >= metrics.horizontalAdvance(QStringLiteral("00")) + 4 ? 1 : 5;
    QColor plain = m_theme->block(QStringLiteral("jet"));
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        const bool current = static_cast<int>(i) == m_current;
        const double left = area.left() + width * static_cast<double>(i);
        if (std::isfinite(m_values[i])) {
            const double height = area.height() * m_values[i] / highest;
            const QRectF bar(left + width * 0.18, area.bottom() - height, width * 0.64, height);
            painter.setPen(Qt::NoPen);
            painter.setBrush(current ? m_theme->accent() : plain);
            painter.drawRoundedRect(bar, 1.5, 1.5);
        }
        if (i % static_cast<std::size_t>(label_every) == 0 || current) {
            painter.setPen(current ? m_theme->text() : m_theme->mutedText());
            painter.drawText(QRectF(left - 8, area.bottom() + 4, width + 16, metrics.height()), Qt::AlignHCenter,
                             QString::number(i));
        }
    }
    if (m_current >= 0) {
        painter.setPen(m_theme->text());
        painter.drawText(QRectF(area.left(), 0, area.width(), metrics.height()), Qt::AlignRight, valueText(m_current));
    }
    if (hasFocus()) {
        painter.setPen(QPen(m_theme->accent(), 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void LayerBars::mousePressEvent(QMouseEvent* event) {
    const int layer = layerAt(event->position().x());
    if (layer < 0) return;
    setCurrentLayer(layer);
    Q_EMIT layerPicked(layer);
}

void LayerBars::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (step == 0 || m_values.empty()) return QWidget::keyPressEvent(event);
    const int next = std::clamp(m_current + step, 0, static_cast<int>(m_values.size()) - 1);
    setCurrentLayer(next);
    Q_EMIT layerPicked(next);
}

bool LayerBars::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int layer = layerAt(help->pos().x());
        if (layer >= 0) QToolTip::showText(help->globalPos(), valueText(layer), this);
        else QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace airframe::ui

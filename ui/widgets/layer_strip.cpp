// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/layer_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/placement_text.h"
#include "ui/theme.h"

namespace airframe::ui {

namespace {

constexpr double preferred_cell = 18;  // pixels per layer, gap included
constexpr double widest_cell = 27;
constexpr double widest_numbered_cell = 48;
constexpr double smallest_cell = 5;
constexpr int strip_height = 28;

QRectF cell(const QRectF& rect, qsizetype layer, qsizetype layers, double widest = widest_cell) {
    const double width = std::min(rect.width() / static_cast<double>(layers), widest);
    const double gap = std::clamp(width * 0.18, 1.0, 4.0);
    const double height = std::min(rect.height(), std::max(width * 1.15, 8.0));
    return {rect.left() + width * static_cast<double>(layer) + gap / 2, rect.center().y() - height / 2, width - gap, height};
}

// Shape first, colour second: filled = full attention, hatched = window, hollow = linear, a dot = removed.
void paintGlyph(QPainter& painter, const QRectF& box, const QString& block, const Theme& theme) {
    const QColor color = theme.block(block);
    const double radius = std::min(2.0, box.width() / 4);
    const QPen outline(color, std::clamp(box.width() / 8, 1.0, 1.8));
    const double inset = outline.widthF() / 2;
    const QRectF inner = box.adjusted(inset, inset, -inset, -inset);
    if (block == QLatin1String("attn")) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(box, radius, radius);
    } else if (block == QLatin1String("none")) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(box.center(), 1.5, 1.5);
    } else {
        painter.setPen(outline);
        painter.setBrush(block == QLatin1String("swa") ? QBrush(color, Qt::BDiagPattern) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(inner, radius, radius);
    }
}

void paintLock(QPainter& painter, const QRectF& box, const QColor& color) {
    const double size = std::min(box.width(), 9.0);
    const QRectF body(box.center().x() - size / 2, box.center().y() - size * 0.1, size, size * 0.65);
    painter.setPen(QPen(color, std::max(1.0, size / 7)));
    painter.setBrush(Qt::NoBrush);
    painter.drawArc(QRectF(body.center().x() - size * 0.28, body.top() - size * 0.45, size * 0.56, size * 0.9), 0, 180 * 16);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRoundedRect(body, 1, 1);
}

}  // namespace

LayerStrip::LayerStrip(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Layer strip"));
    connect(theme, &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void LayerStrip::setPlacement(const QString& canonical_text) {
    if (m_text == canonical_text) return;
    m_text = canonical_text;
    m_blocks = blocksOf(canonical_text);
    if (m_current >= m_blocks.size()) m_current = -1;
    setAccessibleDescription(placementName(canonical_text));
    updateGeometry();
    update();
}

void LayerStrip::setCompareTo(const QString& canonical_text) {
    if (m_compare == canonical_text) return;
    m_compare = canonical_text;
    m_compare_blocks = blocksOf(canonical_text);
    update();
}

void LayerStrip::setMarks(const QSet<int>& pinned, const QSet<int>& forbidden) {
    m_pinned = pinned;
    m_forbidden = forbidden;
    update();
}

void LayerStrip::setCurrentLayer(int layer) {
    const int bounded = layer < static_cast<int>(m_blocks.size()) ? layer : -1;
    if (bounded == m_current) return;
    m_current = bounded;
    update();
}

void LayerStrip::setInteractive(bool on) {
    m_interactive = on;
    setFocusPolicy(on ? Qt::StrongFocus : Qt::NoFocus);
    setCursor(on ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void LayerStrip::setNumbered(bool on) {
    m_numbered = on;
    updateGeometry();
    update();
}

QRectF LayerStrip::glyphArea() const {
    return QRectF(rect()).adjusted(2, 3, -2, m_numbered ? -(fontMetrics().height() + 4) : -3);
}

double LayerStrip::widestCell() const {
    return m_numbered ? widest_numbered_cell : widest_cell;
}

QSize LayerStrip::sizeHint() const {
    const int height = strip_height + (m_numbered ? fontMetrics().height() + 1 : 0);
    return {static_cast<int>(preferred_cell * static_cast<double>(std::max<qsizetype>(m_blocks.size(), 12))), height};
}

QSize LayerStrip::minimumSizeHint() const {
    return {static_cast<int>(smallest_cell * static_cast<double>(std::max<qsizetype>(m_blocks.size(), 12))), sizeHint().height()};
}

void LayerStrip::paint(QPainter& painter, const QRectF& rect, const QString& canonical_text, const Theme& theme) {
    const QStringList blocks = blocksOf(canonical_text);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (qsizetype layer = 0; layer < blocks.size(); ++layer)
        paintGlyph(painter, cell(rect, layer, blocks.size()), blocks[layer], theme);
    painter.restore();
}

void LayerStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = glyphArea();
    for (qsizetype layer = 0; layer < m_blocks.size(); ++layer) {
        const QRectF box = cell(area, layer, m_blocks.size(), widestCell());
        if (m_numbered && (box.width() > fontMetrics().horizontalAdvance(QStringLiteral("00")) || layer % 5 == 0)) {
            painter.setPen(layer == m_current ? m_theme->text() : m_theme->mutedText());
            painter.drawText(QRectF(box.left() - 12, area.bottom() + 2, box.width() + 24, fontMetrics().height()),
                             Qt::AlignHCenter, QString::number(layer));
        }
        paintGlyph(painter, box, m_blocks[layer], *m_theme);
        const bool full = m_blocks[layer] == QLatin1String("attn");
        const QColor mark = full ? m_theme->surface() : m_theme->text();
        if (m_pinned.contains(static_cast<int>(layer))) paintLock(painter, box, mark);
        if (m_forbidden.contains(static_cast<int>(layer))) {
            painter.setPen(QPen(m_theme->bad(), 2));
            painter.drawLine(box.bottomLeft(), box.topRight());
        }
        if (layer < m_compare_blocks.size() && m_compare_blocks[layer] != m_blocks[layer]) {
            painter.setPen(QPen(m_theme->slotB(), 1.5));
            painter.drawLine(QPointF(box.left(), box.bottom() + 2), QPointF(box.right(), box.bottom() + 2));
        }
        if (layer == m_current) {
            painter.setPen(QPen(m_theme->accent(), 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3);
        }
    }
    if (hasFocus()) {
        painter.setPen(QPen(m_theme->accent(), 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
}

int LayerStrip::layerAt(const QPointF& pos) const {
    if (m_blocks.isEmpty()) return -1;
    const QRectF area = glyphArea();
    const double width = std::min(area.width() / static_cast<double>(m_blocks.size()), widestCell());
    const int layer = static_cast<int>(std::floor((pos.x() - area.left()) / width));
    return layer >= 0 && layer < m_blocks.size() ? layer : -1;
}

void LayerStrip::mousePressEvent(QMouseEvent* event) {
    const int layer = layerAt(event->position());
    if (!m_interactive || event->button() != Qt::LeftButton || layer < 0) return QWidget::mousePressEvent(event);
    setCurrentLayer(layer);
    Q_EMIT layerPicked(layer);
}

void LayerStrip::mouseDoubleClickEvent(QMouseEvent* event) {
    const int layer = layerAt(event->position());
    if (!m_interactive || layer < 0) return QWidget::mouseDoubleClickEvent(event);
    Q_EMIT layerActivated(layer);
}

void LayerStrip::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_blocks.size()) - 1;
    if (!m_interactive || last < 0) return QWidget::keyPressEvent(event);
    int next = m_current;
    switch (event->key()) {
        case Qt::Key_Left: next = std::max(0, m_current - 1); break;
        case Qt::Key_Right: next = std::min(last, m_current + 1); break;
        case Qt::Key_Home: next = 0; break;
        case Qt::Key_End: next = last; break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_current >= 0) Q_EMIT layerActivated(m_current);
            return;
        case Qt::Key_P:
            if (m_current >= 0) Q_EMIT pinRequested(m_current);
            return;
        case Qt::Key_F:
            if (m_current >= 0) Q_EMIT forbidRequested(m_current);
            return;
        default: return QWidget::keyPressEvent(event);
    }
    if (next == m_current) return;
    setCurrentLayer(next);
    Q_EMIT layerPicked(next);
}

bool LayerStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && !m_blocks.isEmpty()) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int layer = layerAt(help->pos());
        if (layer < 0) {
            QToolTip::hideText();
        } else {
            QString text = tr("Layer %1: %2").arg(layer).arg(blockName(m_blocks[layer]));
            if (m_pinned.contains(layer)) text += tr(", pinned");
            if (m_forbidden.contains(layer)) text += tr(", forbidden");
            QToolTip::showText(help->globalPos(), text, this);
        }
        return true;
    }
    // P and F belong to the strip while it has the focus, whatever the window uses them for.
    if (event->type() == QEvent::ShortcutOverride && m_interactive) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_P || key == Qt::Key_F) event->accept();
    }
    return QWidget::event(event);
}

}  // namespace airframe::ui

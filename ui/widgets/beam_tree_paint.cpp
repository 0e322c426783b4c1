// SPDX-License-Identifier: GPL-3.0-or-later
// How the beam tree looks; what it does is in beam_tree.cpp.
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "ui/models/numbers.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree.h"
#include "ui/widgets/beam_tree_geometry.h"

namespace airframe::ui {

using namespace beam_geometry;

void BeamTree::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(viewport()->rect(), m_theme->surface());
    painter.translate(-offset());
    paintEdges(painter);
    const QFontMetrics metrics(m_theme->bodyFont());
    for (std::size_t c = 0; c < m_rounds.columns.size(); ++c) {
        const auto& column = m_rounds.columns[c];
        const int x = margin + static_cast<int>(c) * (m_column_width + column_gap);
        const BeamNode& first = m_rounds.nodes[static_cast<std::size_t>(column.nodes.front())];
        const auto kept = std::count_if(column.nodes.begin(), column.nodes.end(), [&](int i) { return m_rounds.nodes[static_cast<std::size_t>(i)].kept; });
        painter.setFont(m_theme->headingFont());
        painter.setPen(m_theme->text());
        painter.drawText(QRect(x, margin, m_column_width, metrics.height() + 2), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("%n full", nullptr, static_cast<int>(first.full.size())));
        painter.setFont(m_theme->bodyFont());
        painter.setPen(m_theme->mutedText());
        painter.drawText(QRect(x, margin + metrics.height() + 2, m_column_width, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("%1 of %2 kept").arg(kept).arg(column.nodes.size()));
        for (const int node : column.nodes) paintNode(painter, node);
        const Fold& fold = m_folds[c];
        if (fold.rect.isEmpty()) continue;
        painter.setFont(m_theme->bodyFont());
        painter.setPen(m_theme->accent());
        painter.drawText(fold.rect.adjusted(8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, fold.hidden > 0 ? tr("%n more …", nullptr, fold.hidden) : tr("fold"));
    }
    painter.resetTransform();
    if (hasFocus()) {
        painter.setPen(QPen(m_theme->accent(), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

void BeamTree::paintEdges(QPainter& painter) const {
    painter.setBrush(Qt::NoBrush);
    for (const bool best : {false, true})  // the best path on top
        for (std::size_t i = 0; i < m_rounds.nodes.size(); ++i) {
            const BeamNode& node = m_rounds.nodes[i];
            if (node.parent_node < 0 || m_rects[i].isEmpty() || m_on_best_path[i] != best) continue;
            const QRect from = m_rects[static_cast<std::size_t>(node.parent_node)], to = m_rects[i];
            if (from.isEmpty()) continue;
            const bool strong = node.kept || node.state == "running";
            QColor color = best ? m_theme->accent() : m_theme->mutedText();
            color.setAlphaF(best ? 1.0F : strong ? 0.6F : 0.16F);
            const QPointF a(from.right() + 1, from.center().y()), b(to.left(), to.center().y());
            QPainterPath path(a);
            path.cubicTo(a + QPointF(column_gap * 0.5, 0), b - QPointF(column_gap * 0.5, 0), b);
            painter.setPen(QPen(color, best ? 2.5 : strong ? 1.5 : 1));
            painter.drawPath(path);
        }
}

void BeamTree::paintNode(QPainter& painter, int index) const {
    const QRect rect = m_rects[static_cast<std::size_t>(index)];
    if (rect.isEmpty()) return;
    const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(index)];
    if (node.kept || node.state == "running") paintCard(painter, node, rect);
    else paintRow(painter, node, rect);
    const QString placement = QString::fromStdString(node.placement);
    const bool selected = placement == m_selected, hovered = placement == m_hovered;
    if (!selected && !hovered) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(selected ? m_theme->accent() : m_theme->text(), selected ? 2 : 1));
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
}

void BeamTree::paintCard(QPainter& painter, const BeamNode& node, const QRect& rect) const {
    QColor fill = node.best ? m_theme->accent() : m_theme->text();
    fill.setAlphaF(node.best ? 0.14F : 0.05F);
    painter.setPen(QPen(node.best ? m_theme->accent() : m_theme->border(), 1));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    const QFontMetrics metrics(m_theme->bodyFont());
    const QRect line(rect.left() + 8, rect.top() + 4, rect.width() - 16, metrics.height() + 4);
    painter.setFont(m_theme->headingFont());
    painter.setPen(m_theme->text());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, nodeLabel(node));
    const QString score = node.scored ? signedFixed(node.score) : tr("running");
    const bool room = QFontMetrics(m_theme->headingFont()).horizontalAdvance(nodeLabel(node)) + QFontMetrics(m_theme->numberFont()).horizontalAdvance(score) + 4 <= line.width();
    painter.setFont(m_theme->numberFont());
    if (room) painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, score);
    if (node.scored) paintWhisker(painter, node, QRectF(rect.left() + 10, line.bottom() + 2, rect.width() - 20, rect.bottom() - line.bottom() - 6), m_theme->accent());
}

void BeamTree::paintRow(QPainter& painter, const BeamNode& node, const QRect& rect) const {
    const bool queued = node.state == "queued", failed = node.state == "failed";
    painter.save();
    if (!queued && !failed) painter.setOpacity(0.62);
    const QColor ink = failed ? m_theme->bad() : queued ? m_theme->text() : m_theme->mutedText();
    QFont font = m_theme->numberFont();
    font.setStrikeOut(node.state == "dropped");
    painter.setFont(font);
    painter.setPen(ink);
    const QRect line = rect.adjusted(8, 0, -8, 0);
    const QFontMetrics metrics(font);
    const int from = line.left() + metrics.horizontalAdvance(nodeLabel(node)) + 8;
    const int to = line.right() - metrics.horizontalAdvance(signedFixed(node.score, 2)) - 8;
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, nodeLabel(node));
    if (node.scored) {
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, signedFixed(node.score, 2));
        if (to - from >= 16) paintWhisker(painter, node, QRectF(from, rect.top(), to - from, rect.height()), ink);
    } else {
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, failed ? tr("failed") : queued ? tr("queued") : tr("dropped"));
    }
    painter.restore();
}

void BeamTree::paintWhisker(QPainter& painter, const BeamNode& node, const QRectF& rect, const QColor& color) const {
    const double span = m_rounds.highest - m_rounds.lowest;
    const auto x = [&](double score) { return rect.left() + (span > 0 ? (score - m_rounds.lowest) / span : 0.5) * rect.width(); };
    const double y = rect.center().y();
    QColor track = m_theme->border();
    painter.setPen(QPen(track, 1));
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y));
    painter.setPen(QPen(color, 2));
    painter.drawLine(QPointF(x(node.low), y), QPointF(x(node.high), y));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QPointF(x(node.score), y), 3, 3);
}

}  // namespace airframe::ui

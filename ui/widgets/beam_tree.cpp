// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/beam_tree.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>

#include "ui/models/numbers.h"
#include "ui/placement_text.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree_geometry.h"
#include "ui/widgets/hover_card.h"

namespace airframe::ui {

using namespace beam_geometry;

BeamTree::BeamTree(const Theme* theme, QWidget* parent) : QAbstractScrollArea(parent), m_theme(theme) {
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Beam search, round by round"));
    m_card = new HoverCard(theme, viewport());
    connect(theme, &Theme::changed, this, [this] {
        layoutNodes();
        viewport()->update();
    });
}

void BeamTree::setRounds(BeamRounds rounds) {
    m_rounds = std::move(rounds);
    m_on_best_path.assign(m_rounds.nodes.size(), false);
    for (int node = m_rounds.best; node >= 0; node = m_rounds.nodes[static_cast<std::size_t>(node)].parent_node)
        m_on_best_path[static_cast<std::size_t>(node)] = true;
    m_card->hide();
    layoutNodes();
    viewport()->update();
}

void BeamTree::setMarks(const std::set<int>& pinned, const std::set<int>& forbidden) {
    m_pinned = pinned;
    m_forbidden = forbidden;
}

void BeamTree::setMarked(const QString& hovered, const QString& selected) {
    if (hovered == m_hovered && selected == m_selected) return;
    const bool moved = selected != m_selected;
    m_hovered = hovered;
    m_selected = selected;
    if (moved) {
        const int node = selectedNode();
        if (node >= 0) setAccessibleDescription(QStringLiteral("%1, %2").arg(placementName(selected), nodeFate(m_rounds.nodes[static_cast<std::size_t>(node)])));
    }
    viewport()->update();
}

void BeamTree::layoutNodes() {
    const int columns = static_cast<int>(m_rounds.columns.size());
    m_rects.assign(m_rounds.nodes.size(), QRect());
    m_folds.assign(static_cast<std::size_t>(columns), Fold());
    const int text = QFontMetrics(m_theme->bodyFont()).height();
    const int card = cardHeight(text), row = rowHeight(text), top = headHeight(text);
    if (columns > 0)
        m_column_width = std::clamp((viewport()->width() - 2 * margin - (columns - 1) * column_gap) / columns, narrowest_card, widest_card);
    int bottom = 0;
    for (int c = 0; c < columns; ++c) {
        const auto& column = m_rounds.columns[static_cast<std::size_t>(c)];
        const int x = margin + c * (m_column_width + column_gap);
        int y = top, cut = 0;
        const auto cards = std::count_if(column.nodes.begin(), column.nodes.end(), [this](int i) {
            const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(i)];
            return node.kept || node.state == "running";
        });
        const int room = viewport()->height() - top - static_cast<int>(cards) * (card + card_gap) - 2 * row;
        const int shown_cut = std::max(least_cut, room / row);  // the rest is folded
        for (const int i : column.nodes) {
            const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(i)];
            const bool as_card = node.kept || node.state == "running";
            if (!as_card && ++cut > shown_cut && !m_unfolded.count(column.round) && node.placement != m_selected.toStdString()) {
                ++m_folds[static_cast<std::size_t>(c)].hidden;
                continue;
            }
            m_rects[static_cast<std::size_t>(i)] = QRect(x, y, m_column_width, as_card ? card : row);
            y += (as_card ? card + card_gap : row);
        }
        Fold& fold = m_folds[static_cast<std::size_t>(c)];
        if (fold.hidden > 0 || m_unfolded.count(column.round)) {
            fold.rect = QRect(x, y + 2, m_column_width, row + 4);
            y += row + 6;
        }
        bottom = std::max(bottom, y);
    }
    const int width = columns == 0 ? 0 : 2 * margin + columns * m_column_width + (columns - 1) * column_gap;
    horizontalScrollBar()->setRange(0, std::max(0, width - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(m_column_width / 2);
    verticalScrollBar()->setRange(0, std::max(0, bottom + margin - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(row * 2);
}

QPoint BeamTree::offset() const { return {horizontalScrollBar()->value(), verticalScrollBar()->value()}; }

QRect BeamTree::nodeRect(int node) const {
    const QRect rect = m_rects.at(static_cast<std::size_t>(node));
    return rect.isEmpty() ? rect : rect.translated(-offset());
}

int BeamTree::nodeAt(QPoint view_pos) const {
    const QPoint pos = view_pos + offset();
    const int c = (pos.x() - margin) / (m_column_width + column_gap);
    if (pos.x() < margin || c < 0 || c >= static_cast<int>(m_rounds.columns.size())) return -1;
    for (const int node : m_rounds.columns[static_cast<std::size_t>(c)].nodes)
        if (m_rects[static_cast<std::size_t>(node)].contains(pos)) return node;
    return -1;
}

int BeamTree::selectedNode() const {
    // The last round it was in: a placement that is kept appears once, one that a person added may be in two.
    for (int i = static_cast<int>(m_rounds.nodes.size()) - 1; i >= 0; --i)
        if (m_rounds.nodes[static_cast<std::size_t>(i)].placement == m_selected.toStdString()) return i;
    return -1;
}

void BeamTree::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layoutNodes();
}

void BeamTree::scrollContentsBy(int, int) {
    m_card->hide();
    viewport()->update();
}

void BeamTree::mouseMoveEvent(QMouseEvent* event) {
    const int node = nodeAt(event->pos());
    const QPoint content = event->pos() + offset();
    const bool on_fold = std::any_of(m_folds.begin(), m_folds.end(), [&](const Fold& fold) { return fold.rect.contains(content); });
    viewport()->setCursor(node >= 0 || on_fold ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (node < 0) m_card->hide();
    else showCard(node, event->pos());
    Q_EMIT nodeHovered(node < 0 ? QString() : QString::fromStdString(m_rounds.nodes[static_cast<std::size_t>(node)].placement));
}

void BeamTree::leaveEvent(QEvent* event) {
    QAbstractScrollArea::leaveEvent(event);
    m_card->hide();
    Q_EMIT nodeHovered({});
}

void BeamTree::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    for (std::size_t c = 0; c < m_folds.size(); ++c) {
        if (!m_folds[c].rect.contains(event->pos() + offset())) continue;
        const int round = m_rounds.columns[c].round;
        if (!m_unfolded.erase(round)) m_unfolded.insert(round);
        layoutNodes();
        return viewport()->update();
    }
    pick(nodeAt(event->pos()));
}

void BeamTree::mouseDoubleClickEvent(QMouseEvent* event) {
    const int node = nodeAt(event->pos());
    if (node >= 0) openMenu(node, event->globalPosition().toPoint());
}

void BeamTree::contextMenuEvent(QContextMenuEvent* event) {
    const int node = event->reason() == QContextMenuEvent::Keyboard ? selectedNode() : nodeAt(event->pos());
    if (node < 0) return;
    pick(node);
    openMenu(node, event->reason() == QContextMenuEvent::Keyboard ? viewport()->mapToGlobal(nodeRect(node).center()) : event->globalPos());
}

void BeamTree::pick(int node) {
    Q_EMIT nodePicked(node < 0 ? QString() : QString::fromStdString(m_rounds.nodes[static_cast<std::size_t>(node)].placement));
    if (node < 0) return;
    if (m_rects[static_cast<std::size_t>(node)].isEmpty()) layoutNodes();  // it was folded away; the selected one never is
    const QRect rect = nodeRect(node);
    if (rect.left() < 0 || rect.right() > viewport()->width()) horizontalScrollBar()->setValue(offset().x() + rect.left() - margin);
    if (rect.top() < 0 || rect.bottom() > viewport()->height()) verticalScrollBar()->setValue(offset().y() + rect.center().y() - viewport()->height() / 2);
}

void BeamTree::showCard(int index, QPoint anchor) {
    const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(index)];
    const QString placement = QString::fromStdString(node.placement);
    QStringList lines;
    if (node.scored)
        lines << tr("Gain\t%1 nats per token over all linear").arg(signedFixed(node.score))
              << tr("95 % interval\t%1").arg(intervalText(node.low, node.high))
              << tr("Rank\t%1 of its round").arg(node.rank);
    lines << tr("Fate\t%1").arg(nodeFate(node));
    if (node.origin == "person") lines << tr("Asked for by a person");
    m_card->setContent(placementName(placement), placement, lines);
    m_card->showAt(anchor);
}

void BeamTree::openMenu(int index, const QPoint& global_pos) {
    const BeamNode node = m_rounds.nodes[static_cast<std::size_t>(index)];
    const QString placement = QString::fromStdString(node.placement);
    QMenu menu(this);
    menu.addSection(placementName(placement));
    for (const int layer : node.added.size() > 3 ? std::vector<int>{} : node.added) {
        menu.addAction(m_pinned.count(layer) ? tr("Unpin layer %1\tP").arg(layer) : tr("Pin layer %1\tP").arg(layer), this,
                       [this, layer] { Q_EMIT pinRequested(layer); });
        menu.addAction(m_forbidden.count(layer) ? tr("Allow layer %1\tF").arg(layer) : tr("Forbid layer %1\tF").arg(layer), this,
                       [this, layer] { Q_EMIT forbidRequested(layer); });
    }
    menu.addSeparator();
    menu.addAction(tr("Drop\tD"), this, [this, placement] { Q_EMIT dropRequested(placement); })->setEnabled(node.kept || node.state == "queued");
    menu.addAction(tr("Evaluate next\tE"), this, [this, placement] { Q_EMIT evaluateNextRequested(placement); })->setEnabled(!node.scored);
    menu.addSeparator();
    menu.addAction(tr("Put in slot A\tA"), this, [this, placement] { Q_EMIT slotRequested(placement, QLatin1Char('A')); });
    menu.addAction(tr("Put in slot B\tB"), this, [this, placement] { Q_EMIT slotRequested(placement, QLatin1Char('B')); });
    menu.exec(global_pos);
}

bool BeamTree::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && selectedNode() >= 0) {
        const auto* key = static_cast<QKeyEvent*>(event);
        static const std::set<int> own = {Qt::Key_A, Qt::Key_B, Qt::Key_D, Qt::Key_E, Qt::Key_F, Qt::Key_P};
        if (key->modifiers() == Qt::NoModifier && own.count(key->key())) event->accept();
    }
    return QAbstractScrollArea::event(event);
}

void BeamTree::keyPressEvent(QKeyEvent* event) {
    const int selected = selectedNode();
    const int key = event->key();
    if (m_rounds.nodes.empty()) return QAbstractScrollArea::keyPressEvent(event);
    if (key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_BracketLeft ||
        key == Qt::Key_BracketRight)
        return walk(key);
    if (selected < 0 || (event->modifiers() != Qt::NoModifier && event->modifiers() != Qt::KeypadModifier)) return event->ignore();
    const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(selected)];
    const QString placement = QString::fromStdString(node.placement);
    switch (key) {
        case Qt::Key_Return:
        case Qt::Key_Enter: return openMenu(selected, viewport()->mapToGlobal(nodeRect(selected).center()));
        case Qt::Key_P:
            if (node.added.size() == 1) Q_EMIT pinRequested(node.added.front());
            return;
        case Qt::Key_F:
            if (node.added.size() == 1) Q_EMIT forbidRequested(node.added.front());
            return;
        case Qt::Key_D: return Q_EMIT dropRequested(placement);
        case Qt::Key_E: return Q_EMIT evaluateNextRequested(placement);
        case Qt::Key_A: return Q_EMIT slotRequested(placement, QLatin1Char('A'));
        case Qt::Key_B: return Q_EMIT slotRequested(placement, QLatin1Char('B'));
        case Qt::Key_Escape: m_card->hide(); return Q_EMIT nodePicked({});
        default: event->ignore();
    }
}

void BeamTree::walk(int key) {
    const int current = selectedNode();
    if (current < 0) return pick(m_rounds.columns.front().nodes.front());
    const BeamNode& node = m_rounds.nodes[static_cast<std::size_t>(current)];
    std::size_t column = 0;
    while (m_rounds.columns[column].round != node.round) ++column;
    const auto& nodes = m_rounds.columns[column].nodes;
    const auto place = std::find(nodes.begin(), nodes.end(), current);
    int next = current;
    if (key == Qt::Key_Up && place != nodes.begin()) next = *(place - 1);
    if (key == Qt::Key_Down && place + 1 != nodes.end()) next = *(place + 1);
    if (key == Qt::Key_Left) next = node.parent_node >= 0 ? node.parent_node : current;
    if (key == Qt::Key_Right && column + 1 < m_rounds.columns.size())
        for (const int child : m_rounds.columns[column + 1].nodes)
            if (m_rounds.nodes[static_cast<std::size_t>(child)].parent_node == current) {
                next = child;
                break;
            }
    if (key == Qt::Key_BracketLeft && column > 0) next = m_rounds.columns[column - 1].nodes.front();
    if (key == Qt::Key_BracketRight && column + 1 < m_rounds.columns.size()) next = m_rounds.columns[column + 1].nodes.front();
    if (next == current) return;
    pick(next);
    if (!nodeRect(next).isEmpty()) showCard(next, nodeRect(next).bottomRight());
}

}  // namespace airframe::ui

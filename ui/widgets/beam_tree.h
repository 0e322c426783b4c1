// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QRect>
#include <set>
#include <vector>

#include "ui/models/beam_rounds.h"

namespace airframe::ui {

class HoverCard;
class Theme;

/// A search drawn as columns of rounds, left to right: kept candidates as cards joined to their parents, cut ones faded
/// below them with the reason on hover, queued and running ones marked. All scores hang on one common scale. Arrows
/// walk, `[` and `]` jump between rounds, Enter opens the menu of a node. Knows no selection itself. GUI thread.
class BeamTree : public QAbstractScrollArea {
    Q_OBJECT
  public:
    explicit BeamTree(const Theme* theme, QWidget* parent = nullptr);
    void setRounds(BeamRounds rounds);
    void setMarks(const std::set<int>& pinned, const std::set<int>& forbidden);  ///< for the menu's words
    void setMarked(const QString& hovered, const QString& selected);
    [[nodiscard]] const BeamRounds& rounds() const { return m_rounds; }
    [[nodiscard]] int nodeAt(QPoint view_pos) const;  ///< -1 = none
    [[nodiscard]] QRect nodeRect(int node) const;     ///< in the viewport; empty while folded away
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 240}; }

  Q_SIGNALS:
    void nodeHovered(const QString& placement);  ///< "" = none
    void nodePicked(const QString& placement);
    void pinRequested(int layer);
    void forbidRequested(int layer);
    void dropRequested(const QString& placement);
    void evaluateNextRequested(const QString& placement);
    void slotRequested(const QString& placement, QChar slot);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

  private:
    struct Fold {
        QRect rect;      ///< the line "+104 more"; empty if nothing is folded
        int hidden = 0;
    };
    void layoutNodes();
    void paintNode(QPainter& painter, int node) const;
    void paintCard(QPainter& painter, const BeamNode& node, const QRect& rect) const;
    void paintRow(QPainter& painter, const BeamNode& node, const QRect& rect) const;
    void paintWhisker(QPainter& painter, const BeamNode& node, const QRectF& rect, const QColor& color) const;
    void paintEdges(QPainter& painter) const;
    void showCard(int node, QPoint anchor);
    void openMenu(int node, const QPoint& global_pos);
    void pick(int node);
    void walk(int key);
    [[nodiscard]] int selectedNode() const;
    [[nodiscard]] QPoint offset() const;
    const Theme* m_theme;
    BeamRounds m_rounds;
    std::vector<QRect> m_rects;      // by node, in contents coordinates
    std::vector<Fold> m_folds;       // by column
    std::set<int> m_unfolded;        // rounds shown whole
    std::set<int> m_pinned, m_forbidden;
    std::vector<bool> m_on_best_path;
    QString m_hovered, m_selected;
    HoverCard* m_card;
    int m_column_width = 160;
};

}  // namespace airframe::ui

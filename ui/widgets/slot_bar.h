// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>

#include "ui/study_snapshot.h"

class QLabel;

namespace airframe::ui {

class LayerStrip;
class Selection;
class Theme;

/// The answer to "what are we looking at", always on screen: the placements in slots A and B with their strips, scores,
/// speeds and caches. Clicking a row selects its placement.
class SlotBar : public QWidget {
    Q_OBJECT
  public:
    SlotBar(const Theme* theme, Selection* selection, QWidget* parent = nullptr);
    void setSnapshot(const SnapshotPtr& snapshot);

  protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;

  private:
    struct Row {
        QLabel* badge;
        LayerStrip* strip;
        QLabel *none, *name, *gain, *speed, *ratio, *cache;
    };
    void fill();
    void restyle();
    const Theme* m_theme;
    Selection* m_selection;
    SnapshotPtr m_snapshot;
    std::array<Row, 2> m_rows{};
    QLabel* m_setting;  ///< at which the speeds were measured
};

}  // namespace airframe::ui

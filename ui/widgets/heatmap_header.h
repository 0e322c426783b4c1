// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHeaderView>

namespace airframe::ui {

class HeatmapView;
class ImportanceModel;
class Theme;

/// Heads of the importance map: layers with a lock when pinned and a bar when forbidden; tasks with their base loss and
/// items in a second line and an arrow on the row that the layers are sorted by.
class HeatmapHeader : public QHeaderView {
    Q_OBJECT
  public:
    HeatmapHeader(Qt::Orientation orientation, const Theme& theme, const ImportanceModel& model, HeatmapView* view);
    [[nodiscard]] QSize sizeHint() const override;

  protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override;

  private:
    void paintLayer(QPainter& painter, const QRect& rect, int column) const;
    void paintTask(QPainter& painter, const QRect& rect, int row) const;
    [[nodiscard]] QString secondLine(int row) const;
    const Theme& m_theme;
    const ImportanceModel& m_model;
    const HeatmapView& m_view;
};

}  // namespace airframe::ui

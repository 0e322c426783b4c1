// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace airframe::ui {

class HeatmapView;
class ImportanceModel;
class Theme;

/// One row of the importance map as points with their 95 % intervals, drawn below the map and aligned with its columns:
/// where colours are too coarse to compare. GUI thread.
class LayerProfile : public QWidget {
    Q_OBJECT
  public:
    LayerProfile(const Theme* theme, const ImportanceModel* model, const HeatmapView* map, QWidget* parent = nullptr);
    void setRow(int row);  ///< of the model; the last row is the mean
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 104}; }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    const ImportanceModel* m_model;
    const HeatmapView* m_map;
    int m_row = -1;
};

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace airframe::ui {

class ImportanceModel;
class Theme;

/// The importance map, drawn: a table view (so that screen readers and keys find a table) whose cells are colours with
/// the value in them when it fits and a thin bar for the interval; missing cells are hatched. Arrows walk, P pins and F
/// forbids the layer under the cursor, Space selects it, Ctrl+C copies tab-separated text. GUI thread.
class HeatmapView : public QTableView {
    Q_OBJECT
  public:
    HeatmapView(const Theme* theme, ImportanceModel* model, QWidget* parent = nullptr);
    void setCurrentLayer(int layer);  ///< the layer selected anywhere in the window; -1 = none
    [[nodiscard]] int currentLayer() const { return m_layer; }
    [[nodiscard]] QString tsv() const;
    [[nodiscard]] const Theme& theme() const { return *m_theme; }
    [[nodiscard]] QModelIndex hoveredIndex() const { return m_hovered; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 160}; }

  Q_SIGNALS:
    void layerPicked(int layer);
    void pinRequested(int layer);
    void forbidRequested(int layer);
    void rowHeadClicked(int row);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void layoutCells();
    void menuFor(int layer, const QPoint& global_pos);
    [[nodiscard]] int layerUnderCursor() const;
    const Theme* m_theme;
    ImportanceModel* m_model;
    QPersistentModelIndex m_hovered;
    int m_layer = -1;
};

}  // namespace airframe::ui

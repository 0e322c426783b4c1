// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableWidget>

namespace airframe {
class ModelFile;
}

namespace airframe::ui {

class Theme;

/// What a model file holds, from its header: a row for each layer with its block and sizes, or the tensors of one layer.
/// GUI thread.
class LayerTable : public QTableWidget {
    Q_OBJECT
  public:
    explicit LayerTable(const Theme* theme, QWidget* parent = nullptr);
    /// Layer -1: all layers. nullptr: nothing.
    void show(const ModelFile* file, int layer);

  Q_SIGNALS:
    void layerPicked(int layer);  ///< Enter or a double click on its row

  private:
    struct Column {
        QString name;
        bool number;
    };
    void setColumns(const QList<Column>& columns);
    void addRow(const QStringList& cells);
    void showLayers(const ModelFile& file);
    void showTensors(const ModelFile& file, int layer);
    const Theme* m_theme;
    QList<Column> m_columns;
    bool m_layers = false;  ///< rows are layers
};

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

class QSortFilterProxyModel;

namespace airframe::ui {

class Theme;

/// A table of rows as people expect it: sorts by column heads, copies tab-separated text, draws placements as strips,
/// keeps the row of a placement selected, tells which row the pointer is on. Takes any model with the roles of
/// ui/models/row_table.h. GUI thread.
class PlainTable : public QTableView {
    Q_OBJECT
  public:
    explicit PlainTable(const Theme* theme, QWidget* parent = nullptr);
    void setRows(QAbstractItemModel* rows);  ///< instead of setModel: a sorting proxy goes between
    void showPlacement(const QString& placement);  ///< makes its row current, or none
    [[nodiscard]] QString tsv() const;
    /// Gives columns the width of their contents and `column` the rest.
    void fitColumns(int column);

  Q_SIGNALS:
    void placementPicked(const QString& placement);
    void placementHovered(const QString& placement);  ///< "" = none
    void slotRequested(const QString& placement, QChar slot);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    bool event(QEvent* event) override;

  private:
    [[nodiscard]] QString placementOf(const QModelIndex& index) const;
    QSortFilterProxyModel* m_proxy;
    bool m_showing = false;
};

}  // namespace airframe::ui

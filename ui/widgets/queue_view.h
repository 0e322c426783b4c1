// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>

namespace airframe::ui {

class QueueModel;
class Theme;

/// The queue of a search as a list: drag or Ctrl+Up/Ctrl+Down reorders, Delete drops, Enter runs next. GUI thread.
class QueueView : public QListView {
    Q_OBJECT
  public:
    QueueView(const Theme* theme, QueueModel* model, QWidget* parent = nullptr);

  Q_SIGNALS:
    void dropRequested(const QString& placement);
    void runNextRequested(const QString& placement);
    void placementPicked(const QString& placement);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void paintEvent(QPaintEvent* event) override;

  private:
    const Theme* m_theme;
    QueueModel* m_model;
};

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace airframe::ui {

class Actions;

/// Any command by a few letters of its name (Ctrl+K): a field and a list over the top of the window. Not modal; Esc or a
/// click elsewhere closes it.
class CommandPalette : public QFrame {
    Q_OBJECT
  public:
    CommandPalette(const Actions* actions, QWidget* window);
    void open();
    [[nodiscard]] QStringList shown() const;  ///< texts in the list, best first

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void filter(const QString& text);
    void run();
    const Actions* m_actions;
    QLineEdit* m_field;
    QListWidget* m_list;
};

}  // namespace airframe::ui

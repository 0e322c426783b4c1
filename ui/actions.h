// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QObject>
#include <QString>

class QMenuBar;
class QWidget;

namespace airframe::ui {

/// The menus, in their order.
enum class MenuId { file, edit, view, model, search, generate, window, help };

/// The one registry of everything a person can command: menus, the command palette, the list of keys and the test of
/// unique shortcuts are built from it. Whoever can do a thing adds its action here. Owns the actions. GUI thread.
class Actions : public QObject {
    Q_OBJECT
  public:
    explicit Actions(QObject* parent = nullptr);
    /// `id` is "menu.verb", unique; `text` is translated, with a mnemonic. The action works in the whole window; single
    /// letters do nothing while a text field has the focus, because the field takes them first.
    QAction* add(const QString& id, MenuId menu, const QString& text, const QKeySequence& shortcut = {},
                 const QString& tip = {});
    void addSeparator(MenuId menu);
    [[nodiscard]] QAction* action(const QString& id) const;  ///< nullptr if there is none
    [[nodiscard]] const QList<QAction*>& all() const { return m_all; }
    /// Builds the menus and makes the shortcuts work in `window`. Actions added later appear too.
    void install(QMenuBar* bar, QWidget* window);

  Q_SIGNALS:
    void added(QAction* action);

  private:
    QList<QAction*> m_all;
    QHash<QString, QAction*> m_by_id;
    QHash<int, QList<QAction*>> m_menus;
    QHash<int, QMenu*> m_installed;
    QWidget* m_window = nullptr;
};

}  // namespace airframe::ui

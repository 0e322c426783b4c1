// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions.h"

#include <QMenu>
#include <QMenuBar>

namespace airframe::ui {

Actions::Actions(QObject* parent) : QObject(parent) {}

QAction* Actions::add(const QString& id, MenuId menu, const QString& text, const QKeySequence& shortcut, const QString& tip) {
    Q_ASSERT(!m_by_id.contains(id));
    auto* action = new QAction(text, this);
    action->setObjectName(id);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WindowShortcut);
    action->setStatusTip(tip);
    QString plain = text;
    plain.remove(QLatin1Char('&'));
    const QString keys = shortcut.toString(QKeySequence::NativeText);
    action->setToolTip((tip.isEmpty() ? plain : tip) + (keys.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(keys)));
    m_all << action;
    m_by_id.insert(id, action);
    m_menus[static_cast<int>(menu)] << action;
    if (m_window) m_window->addAction(action);
    if (QMenu* installed = m_installed.value(static_cast<int>(menu))) installed->addAction(action);
    Q_EMIT added(action);
    return action;
}

void Actions::addSeparator(MenuId menu) {
    auto* separator = new QAction(this);
    separator->setSeparator(true);
    m_menus[static_cast<int>(menu)] << separator;
    if (QMenu* installed = m_installed.value(static_cast<int>(menu))) installed->addAction(separator);
}

QAction* Actions::action(const QString& id) const {
    return m_by_id.value(id);
}

void Actions::install(QMenuBar* bar, QWidget* window) {
    m_window = window;
    const QStringList titles = {tr("&File"),   tr("&Edit"),     tr("&View"),   tr("&Model"),
                                tr("&Search"), tr("&Generate"), tr("&Window"), tr("&Help")};
    for (int id = 0; id < titles.size(); ++id) {
        QMenu* menu = bar->addMenu(titles[id]);
        menu->addActions(m_menus.value(id));
        m_installed.insert(id, menu);
    }
    window->addActions(m_all);
}

}  // namespace airframe::ui

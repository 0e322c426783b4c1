// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/task_chooser.h"

#include <QCheckBox>
#include <QMenu>
#include <QWidgetAction>
#include <algorithm>

#include "ui/models/task_names.h"

namespace airframe::ui {

TaskChooser::TaskChooser(QWidget* parent) : QPushButton(parent), m_menu(new QMenu(this)) {
    setMenu(m_menu);
    m_menu->setToolTipsVisible(true);
    rename();
}

void TaskChooser::setTasks(const std::vector<std::string>& tasks) {
    if (tasks == m_tasks) return;
    m_tasks = tasks;
    std::set<std::string> still;
    for (const std::string& id : tasks)
        if (m_chosen.count(id)) still.insert(id);
    m_chosen = still.empty() ? std::set<std::string>(tasks.begin(), tasks.end()) : still;
    rebuild();
}

void TaskChooser::setChosen(const std::set<std::string>& tasks) {
    m_chosen = tasks;
    rebuild();
}

std::vector<std::string> TaskChooser::chosenInOrder() const {
    std::vector<std::string> ids;
    std::copy_if(m_tasks.begin(), m_tasks.end(), std::back_inserter(ids), [this](const std::string& id) { return m_chosen.count(id) > 0; });
    return ids;
}

void TaskChooser::rebuild() {
    m_menu->clear();
    for (const std::string& id : m_tasks) {
        // A check box instead of a checkable action: the menu stays open for the next one.
        auto* box = new QCheckBox(taskLabel(id), m_menu);
        box->setToolTip(taskExplanation(id));
        box->setChecked(m_chosen.count(id) > 0);
        box->setContentsMargins(8, 4, 8, 4);
        auto* action = new QWidgetAction(m_menu);
        action->setDefaultWidget(box);
        m_menu->addAction(action);
        connect(box, &QCheckBox::toggled, this, [this, id, box](bool on) {
            if (on) m_chosen.insert(id);
            else if (m_chosen.size() > 1) m_chosen.erase(id);
            else return box->setChecked(true);  // the last one stays
            rename();
            Q_EMIT changed();
        });
    }
    rename();
}

void TaskChooser::rename() {
    setText(m_chosen.size() == m_tasks.size() ? tr("All %n tasks", nullptr, static_cast<int>(m_tasks.size()))
                                              : tr("%1 of %2 tasks").arg(chosenInOrder().size()).arg(m_tasks.size()));
}

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <set>
#include <string>
#include <vector>

class QMenu;

namespace airframe::ui {

/// A button with a menu of check boxes, one per task; says how many are chosen. At least one stays chosen. GUI thread.
class TaskChooser : public QPushButton {
    Q_OBJECT
  public:
    explicit TaskChooser(QWidget* parent = nullptr);
    /// Chosen ones that are still offered stay chosen; new ones start unchosen unless nothing is.
    void setTasks(const std::vector<std::string>& tasks);
    void setChosen(const std::set<std::string>& tasks);
    [[nodiscard]] std::set<std::string> chosen() const { return m_chosen; }
    [[nodiscard]] std::vector<std::string> chosenInOrder() const;

  Q_SIGNALS:
    void changed();

  private:
    void rebuild();
    void rename();
    QMenu* m_menu;
    std::vector<std::string> m_tasks;
    std::set<std::string> m_chosen;
};

}  // namespace airframe::ui

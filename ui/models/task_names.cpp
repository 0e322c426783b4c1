// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/task_names.h"

#include <QCoreApplication>
#include <algorithm>

namespace airframe::ui {

const std::vector<TaskName>& taskNames() {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Tasks", text); };
    static const std::vector<TaskName> table = {
        {"language", tr("Language"), tr("Predicting held-out text, token by token.")},
        {"kv", tr("Recall"), tr("Giving back the value that belongs to a key seen earlier.")},
        {"phonebook", tr("Phone book"), tr("Finding one person's number in a list.")},
        {"needle", tr("Needle"), tr("Finding one fact hidden in long text.")},
        {"copy", tr("Copying"), tr("Repeating a sequence that was just shown.")},
        {"induction", tr("Induction"), tr("Continuing a pattern that occurred before.")},
        {"arithmetic", tr("Arithmetic"), tr("Sums with one or two digits.")},
        {"letters", tr("Choices"), tr("Naming the letter of the right answer among several.")},
    };
    return table;
}

QString taskLabel(const std::string& id) {
    for (const TaskName& task : taskNames())
        if (task.id == id) return task.label;
    return QString::fromStdString(id);
}

QString taskExplanation(const std::string& id) {
    for (const TaskName& task : taskNames())
        if (task.id == id) return task.explanation;
    return QCoreApplication::translate("Tasks", "A task from a file.");
}

std::vector<std::string> inTaskOrder(std::vector<std::string> ids) {
    const auto place = [](const std::string& id) {
        const auto& table = taskNames();
        return std::find_if(table.begin(), table.end(), [&](const TaskName& task) { return task.id == id; }) -
               table.begin();
    };
    std::sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
        return std::pair(place(a), a) < std::pair(place(b), b);
    });
    return ids;
}

}  // namespace airframe::ui

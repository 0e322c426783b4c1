// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <string>
#include <vector>

namespace airframe::ui {

/// How a task is called and explained to a person.
struct TaskName {
    std::string id;
    QString label, explanation;
};

/// THE table of labels, in the order tasks are shown. The ids are the engine's; a task that is not in the table (from a
/// person's own file) is shown by its id.
[[nodiscard]] const std::vector<TaskName>& taskNames();
[[nodiscard]] QString taskLabel(const std::string& id);
[[nodiscard]] QString taskExplanation(const std::string& id);
/// `ids` in the order of the table, unknown ones last and sorted.
[[nodiscard]] std::vector<std::string> inTaskOrder(std::vector<std::string> ids);

}  // namespace airframe::ui

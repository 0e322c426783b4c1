// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "ui/models/importance_model.h"
#include "ui/models/row_table.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// The table twin of the importance map: one row per layer and task.
[[nodiscard]] RowTable<ImportanceCell>* importanceRows(QObject* parent);

/// Heads of the map's rows: base loss, items and tokens of each task in a view ("one_full": base all linear,
/// "one_linear": base the teacher).
[[nodiscard]] std::vector<ImportanceModel::Task> importanceTasks(const SnapshotPtr& snapshot, const std::string& view,
                                                                 const std::vector<std::string>& tasks);

/// The mean row over `tasks`, with intervals over their items and ranks by intervals; only layers scored on all of
/// them. Slow (one bootstrap per layer): call it off the GUI thread.
[[nodiscard]] std::vector<ImportanceCell> importanceMeans(const SnapshotPtr& snapshot, const std::string& view,
                                                          const std::vector<std::string>& tasks);

}  // namespace airframe::ui

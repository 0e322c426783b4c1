// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/engine/jobs/common.h"
#include "core/eval/task.h"

namespace airframe {

/// --tasks, --task-file, --items and --task-seed, for operations that score placements.
[[nodiscard]] std::vector<OptionSpec> scoringOptions();
/// The items that they ask for. The language task draws on the text that the study's training held out.
[[nodiscard]] std::vector<TaskData> scoringTasks(const Params& params, const Study& study, const Tokenizer& tokenizer);
/// [{"task","items","tokens"}]: what one placement is scored on.
[[nodiscard]] nlohmann::json taskCounts(const std::vector<TaskData>& tasks);
/// Throws Failure(bad_input) naming the study if no linear block was trained yet.
void needTraining(const Study& study);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_cost.h"
#include "core/eval/scorer.h"
#include "core/eval/task.h"
#include "core/study/importance.h"

namespace airframe {

class Study;

struct ImportanceResult {
    std::vector<ImportanceCell>
        cells;  ///< what the study knows now of these tasks, from this run and from earlier ones
    EvaluationCost cost;
    bool complete = false;  ///< false: stopped; running it again goes on where it stopped
};

/// The 2 L + 2 placements of the two views: all linear, the teacher, one layer full at a time, one linear at a time.
[[nodiscard]] std::vector<Placement> importancePlacements(int layers, const std::string& base_block);

/// Scores the placements of both views on the tasks and derives the importance of every layer for every task.
/// `run` is a run of kind "importance" that this process owns; its state is the caller's to set.
[[nodiscard]] ImportanceResult runImportance(Study& study, std::int64_t run, const Scorer& scorer,
                                             const std::string& base_block, std::vector<TaskData> tasks,
                                             RunControl& control);

}  // namespace airframe

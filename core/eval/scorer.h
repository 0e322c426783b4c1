// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_cost.h"
#include "core/eval/task.h"
#include "core/study/placement.h"
#include "core/study/records.h"

namespace airframe {

/// Several tasks, measured in one walk; the items' scores of each.
using TaskList = std::vector<const TaskData*>;
using ScoresPerTask = std::vector<std::vector<ItemScore>>;
using ScoresDone = std::function<void(const Placement&, ScoresPerTask)>;

/// What runs and searches need of an evaluator: a function that scores placements, and what its scores depend on. A
/// value without tensors, so that everything above it is tested with scores from a formula.
struct Scorer {
    std::string checkpoint_hash;  ///< of the alternatives' weights; left out of the key of an all-attention placement
    std::string compute;          ///< "float32", "bf16"
    /// Scores all placements on all tasks; calls done once per finished placement. Returns early when control says
    /// stop.
    std::function<EvaluationCost(const std::vector<Placement>&, const TaskList&, RunControl&, const ScoresDone&)> score;
};

}  // namespace airframe

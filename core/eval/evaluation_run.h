// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_cost.h"
#include "core/eval/scorer.h"
#include "core/eval/task.h"
#include "core/study/placement.h"
#include "core/study/records.h"

namespace airframe {

class Study;
class ProgressMeter;

/// The scores of a run: found in the study where they are there, computed and stored at once where they are not.
/// Nothing that the study has is computed again, whoever computed it. One per run; the caller's thread.
class EvaluationRun {
  public:
    /// `study` and `scorer` must outlive this. Tasks must have different names, or Failure(options) names the two.
    EvaluationRun(Study& study, std::int64_t run, const Scorer& scorer, std::vector<TaskData> tasks);

    /// A placement has all its scores now; `fresh` when something of it was computed.
    using Finished = std::function<void(const Placement&, bool fresh)>;
    /// Sees to it that all `placements` are scored on all tasks. Placements that lack the same tasks are walked
    /// together, so that they share prefixes. `finished` is called once for each placement, first for those that lacked
    /// nothing. False: control stopped it; what was finished is stored.
    bool evaluate(const std::vector<Placement>& placements, RunControl& control, const Finished& finished = {});

    /// The scores of a placement with their items, one row per task in the order of tasks(). Throws Failure(internal)
    /// if it has not been evaluated.
    [[nodiscard]] const std::vector<EvaluationRow>& rows(const Placement& placement) const;
    [[nodiscard]] const std::vector<TaskData>& tasks() const { return m_tasks; }
    /// How many of these lack a score.
    [[nodiscard]] std::int64_t missing(const std::vector<Placement>& placements) const;
    [[nodiscard]] EvaluationKey key(const Placement& placement, const TaskData& task) const;
    /// Of this run, parts that were computed before an interruption included (they are curves of the run:
    /// "layer_tokens" and "layer_tokens_whole").
    [[nodiscard]] const EvaluationCost& cost() const { return m_cost; }

  private:
    std::vector<std::size_t> lacking(const Placement& placement);
    void store(const Placement& placement, const TaskList& tasks, ScoresPerTask scores, double seconds);
    void saveCost();

    Study& m_study;
    std::int64_t m_run;
    const Scorer& m_scorer;
    std::vector<TaskData> m_tasks;
    std::string m_model_hash;
    EvaluationCost m_cost;
    std::map<Placement, std::vector<EvaluationRow>> m_rows;  // complete ones
};

}  // namespace airframe

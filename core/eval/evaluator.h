// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/task.h"
#include "core/study/records.h"
#include "core/supernet/supernet.h"

namespace airframe {

/// Raised by hand whenever scores change meaning.
inline constexpr int evaluator_version = 1;

/// What a set of placements cost: layer-tokens computed, and what they would have cost one by one.
struct EvaluationCost {
    std::int64_t layer_tokens = 0;        ///< sum over layer calls of tokens
    std::int64_t layer_tokens_whole = 0;  ///< placements x layers x tokens
};

/// Scores placements on a task. Placements that agree on their first layers share that computation: a depth-first walk
/// over the trie of placements keeps one activation tensor per depth. Const; one caller at a time per model.
class Evaluator {
  public:
    explicit Evaluator(std::shared_ptr<const Supernet> supernet) : m_supernet(std::move(supernet)) {}

    /// One finished placement: its per-item scores.
    using Done = std::function<void(const Placement&, std::vector<ItemScore>)>;
    /// Scores all placements on all items of `task`; calls `done` once per placement when it is complete (order of the
    /// walk). Returns the cost. Stops between layers when control says so: placements not yet done are simply missing.
    EvaluationCost score(const std::vector<Placement>& placements, const TaskData& task, RunControl& control,
                         const Done& done) const;

    [[nodiscard]] const Supernet& supernet() const { return *m_supernet; }

  private:
    std::shared_ptr<const Supernet> m_supernet;
};

}  // namespace airframe

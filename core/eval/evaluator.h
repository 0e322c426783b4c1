// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_cost.h"
#include "core/eval/evaluator_version.h"
#include "core/eval/scorer.h"
#include "core/eval/task.h"
#include "core/study/records.h"
#include "core/supernet/supernet.h"

namespace airframe {

/// Scores placements on tasks. Placements that agree on their first layers share that computation: a depth-first walk
/// over the trie of placements keeps one activation per depth and batch of items. Sequences are packed by length and
/// padded on the right, which is harmless because every mixer is causal; the head runs at the scored positions alone. On a
/// CPU every thread takes whole batches. Const; one caller at a time per model.
///
/// Memory: at most `part_tokens` tokens are in flight, one activation of each per depth that still has siblings to
/// visit: L x part_tokens x D x element size, 540 MiB for SmolLM2-135M in bf16 at the very most.
class Evaluator {
  public:
    static constexpr std::int64_t part_tokens = 16384;  ///< of one walk; more items are walked in several parts

    /// `batch_tokens`: of one layer call, padding included; a longer sequence is a call of its own.
    explicit Evaluator(std::shared_ptr<const Supernet> supernet, std::int64_t batch_tokens = 512)
        : m_supernet(std::move(supernet)), m_batch_tokens(batch_tokens) {}

    /// One finished placement: its per-item scores.
    using Done = std::function<void(const Placement&, std::vector<ItemScore>)>;
    /// Scores all placements on all items of `task`; calls `done` once per placement when it is complete (order of the
    /// walk). Returns the cost. Stops between layers when control says so: placements not yet done are simply missing.
    /// Throws Failure(bad_input, "placement") for a placement that the supernet cannot run.
    EvaluationCost score(const std::vector<Placement>& placements, const TaskData& task, RunControl& control,
                         const Done& done) const;
    /// The same for several tasks in one walk, so that a placement's scores come together.
    EvaluationCost scoreAll(const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                            const ScoresDone& done) const;

    [[nodiscard]] const Supernet& supernet() const { return *m_supernet; }
    /// This evaluator as a Scorer, which must not outlive it.
    [[nodiscard]] Scorer scorer() const;

  private:
    std::shared_ptr<const Supernet> m_supernet;
    std::int64_t m_batch_tokens;
};

}  // namespace airframe

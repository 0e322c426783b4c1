// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/eval/scorer.h"

namespace airframe::test {

/// Scores from a formula instead of a model, walked in the evaluator's order: what runs and searches are tested with.
/// Every layer has its worth; a pair of neighbours is worth less than its sum; tasks value layers differently; items
/// carry a fixed disturbance of their own.
class FormulaScorer {
  public:
    explicit FormulaScorer(int layers) : m_layers(layers) {}

    int computed = 0;             ///< (placement, task) pairs scored so far
    int stop_after = -1;          ///< answer only so many placements in all, then stop as if control had said so
    std::set<Placement> failing;  ///< placements that do not fit in memory
    std::function<void(const Placement&)> before;             ///< called before each placement
    std::multiset<std::pair<std::string, std::string>> seen;  ///< (placement, task) scored

    [[nodiscard]] double gain(const Placement& placement, const std::string& task) const {
        double sum = 0;
        const auto full = placement.fullLayers();
        for (std::size_t i = 0; i < full.size(); ++i) {
            const int layer = task == "other" ? m_layers - 1 - full[i] : full[i];
            sum += 0.3 / (1 + std::abs(layer - m_layers / 3));
            if (i > 0 && full[i] == full[i - 1] + 1) sum -= 0.08;
        }
        return sum;
    }

    [[nodiscard]] Scorer scorer() {
        return {"weights", "formula",
                [this](const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                       const ScoresDone& done) { return score(placements, tasks, control, done); }};
    }

  private:
    EvaluationCost score(const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                         const ScoresDone& done) {
        for (const Placement& placement : placements)
            if (failing.contains(placement))
                throw Failure(ErrorCode::no_room, placement.text(), "does not fit in memory");
        EvaluationCost cost;
        auto sorted = placements;
        std::sort(sorted.begin(), sorted.end());
        sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        for (const Placement& placement : sorted) {
            if (before) before(placement);
            if (!control.checkpoint() || stop_after == 0) return cost;
            if (stop_after > 0) --stop_after;
            ScoresPerTask all;
            for (const TaskData* task : tasks) {
                auto& scores = all.emplace_back();
                for (std::size_t i = 0; i < task->items.size(); ++i) {
                    const double disturbance =
                        0.002 * std::sin(static_cast<double>(i) * (3 + placement.fullLayers().size()));
                    const double nll =
                        4 + 0.1 * std::cos(static_cast<double>(i)) - gain(placement, task->task) + disturbance;
                    scores.push_back({static_cast<int>(i), nll, 0.5, task->items[i].choices.front().scoredTokens()});
                }
                ++computed;
                seen.emplace(placement.text(), task->task);
                cost.layer_tokens += task->totalTokens() * m_layers / 2;
                cost.layer_tokens_whole += task->totalTokens() * m_layers;
            }
            done(placement, std::move(all));
        }
        return cost;
    }

    int m_layers;
};

}  // namespace airframe::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/native_scorer.h"

#include <ATen/Parallel.h>

#include "core/base/error.h"
#include "core/model/native_model.h"

namespace airframe {
namespace {

ItemScore scoreOf(const NativeModel& model, const Placement& placement, const Item& item) {
    if (item.choices.size() != 1) throw Failure(ErrorCode::internal, "native scorer", "an item with several choices was given");
    const Choice& choice = item.choices.front();
    const auto nll = model.nll(placement, choice.ids, static_cast<std::size_t>(at::get_num_threads()));
    ItemScore score;
    for (const ScoredRange& range : choice.scored)
        for (int i = range.begin; i < range.end; ++i) {
            score.nll += nll.at(static_cast<std::size_t>(i) - 1);
            ++score.tokens;
        }
    score.nll /= score.tokens;
    return score;
}

}  // namespace

Scorer nativeScorer(std::shared_ptr<const Supernet> supernet) {
    Scorer scorer;
    scorer.checkpoint_hash = supernet->checkpointHash();
    scorer.compute = "native";
    scorer.score = [net = std::move(supernet)](const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                                               const ScoresDone& done) {
        EvaluationCost cost;
        for (const Placement& placement : placements) {
            ScoresPerTask scores;
            for (const TaskData* task : tasks) {
                scores.emplace_back();
                for (std::size_t i = 0; i < task->items.size(); ++i) {
                    if (!control.checkpoint()) return cost;
                    scores.back().push_back(scoreOf(net->native(), placement, task->items[i]));
                    scores.back().back().item = static_cast<int>(i);
                }
            }
            done(placement, std::move(scores));
        }
        return cost;
    };
    return scorer;
}

}  // namespace airframe

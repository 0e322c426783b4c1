// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/importance_run.h"

#include <algorithm>
#include <utility>

#include "core/eval/evaluation_run.h"
#include "core/eval/progress_meter.h"
#include "core/study/study.h"

namespace airframe {

std::vector<Placement> importancePlacements(int layers, const std::string& base_block) {
    std::vector<Placement> placements = {Placement::withFull(layers, {}, base_block)};
    std::vector<std::string> teacher(static_cast<std::size_t>(layers), "attn");
    placements.emplace_back(teacher);
    for (int layer = 0; layer < layers; ++layer) placements.push_back(Placement::withFull(layers, {layer}, base_block));
    for (int layer = 0; layer < layers; ++layer) {
        auto blocks = teacher;
        blocks[static_cast<std::size_t>(layer)] = base_block;
        placements.emplace_back(std::move(blocks));
    }
    return placements;
}

ImportanceResult runImportance(Study& study, std::int64_t run, const Scorer& scorer, const std::string& base_block,
                               std::vector<TaskData> tasks, RunControl& control) {
    const int layers = study.model().layers;
    EvaluationRun evaluation(study, run, scorer, std::move(tasks));
    const auto placements = importancePlacements(layers, base_block);
    ProgressMeter meter(control, "importance", "candidates");
    meter.setTotal(static_cast<double>(placements.size()));
    ImportanceResult result;
    result.complete = evaluation.evaluate(placements, control, [&](const Placement& placement, bool fresh) {
        meter.finished(fresh, placement.text());
        study.setRunProgress(run, meter.done(), meter.total());
    });
    result.cost = evaluation.cost();

    // Of the study's evaluations, those on exactly these items: another number of items is another evaluation.
    std::vector<EvaluationRow> rows;
    for (EvaluationRow& row : study.evaluations(true)) {
        const Placement placement = Placement::parse(row.key.placement);
        if (std::any_of(evaluation.tasks().begin(), evaluation.tasks().end(),
                        [&](const TaskData& task) { return row.key == evaluation.key(placement, task); }))
            rows.push_back(std::move(row));
    }
    result.cells = importanceFrom(rows, layers, base_block, scorer.checkpoint_hash);
    return result;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/score.h"

#include <c10/core/InferenceMode.h>

#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/engine/jobs/scoring.h"
#include "core/engine/jobs/worth_measuring.h"
#include "core/eval/evaluation_run.h"
#include "core/eval/evaluator.h"
#include "core/eval/progress_meter.h"
#include "core/study/objective.h"
#include "core/supernet/supernet.h"

namespace airframe {

nlohmann::json scorePlacements(JobContext& job, Study& study) {
    using nlohmann::json;
    needTraining(study);
    const int layers = study.model().layers;
    const Placement base = Placement::withFull(layers, {});  // gains are over it
    std::vector<Placement> placements = {base};
    std::vector<std::string> named;
    for (const auto& text : job.params.paths("placements")) named.push_back(text.string());
    if (named.empty()) named = worthMeasuring(study);
    for (const auto& text : named) placements.push_back(Placement::parse(text, layers));

    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromStudy(study, computeOf(job.params), job.control);
    for (const Placement& placement : placements) supernet->check(placement);
    auto tasks = scoringTasks(job.params, study, supernet->model().tokenizer());
    const json counts = taskCounts(tasks);
    return asRun(job, study, "score", job.params.integer("task-seed"), [&](JobRun& run) {
        const Evaluator evaluator(supernet);
        const Scorer scorer = evaluator.scorer();
        EvaluationRun evaluation(study, run.id, scorer, std::move(tasks));
        ProgressMeter meter(job.control, "score", "placements");
        meter.setTotal(static_cast<double>(placements.size()));
        run.complete = evaluation.evaluate(placements, job.control, [&](const Placement& placement, bool fresh) {
            meter.finished(fresh, placement.text());
            study.setRunProgress(run.id, meter.done(), meter.total());
        });
        json scores = json::array();
        for (std::size_t i = 1; run.complete && i < placements.size(); ++i) {
            const auto& rows = evaluation.rows(placements[i]);
            const Interval gain = gainOver(evaluation.rows(base), rows, {}, 0);
            json one = {{"placement", placements[i].text()}, {"score", gain.mean}, {"low", gain.low}, {"high", gain.high},
                        {"tasks", json::array()}};
            for (const EvaluationRow& row : rows)
                one["tasks"].push_back({{"task", row.key.task}, {"nll", row.nll}, {"margin", row.margin}, {"items", row.items}});
            scores.push_back(std::move(one));
        }
        return json{{"placements", std::move(scores)}, {"tasks", counts}, {"layer_tokens", evaluation.cost().layer_tokens},
                    {"layer_tokens_whole", evaluation.cost().layer_tokens_whole}};
    });
}

namespace jobs {

Operation score() {
    return {.name = "score",
            .summary = "Scores of chosen placements on many items",
            .options = joined(joined({studyOption(),
                                      {.name = "placements", .kind = OptionKind::texts,
                                       .help = "placements; default: those that the front shows"}},
                                     scoringOptions()),
                              modelOptions("bf16")),
            .has_run = true,
            .details = "A search spends few items on each of its many candidates; this spends many on the few that remain, so that the "
                       "front's intervals are narrow. Scores are gains over all layers linear, in nats per token.",
            .resume_hint = "run it again to go on",
            .run = [](JobContext& job) {
                const OpenStudy study(job);
                return scorePlacements(job, *study);
            }};
}

}  // namespace jobs
}  // namespace airframe

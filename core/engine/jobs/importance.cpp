// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/importance.h"

#include <c10/core/InferenceMode.h>

#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/engine/jobs/scoring.h"
#include "core/eval/evaluator.h"
#include "core/eval/importance_run.h"

namespace airframe {

nlohmann::json measureImportance(JobContext& job, Study& study) {
    using nlohmann::json;
    needTraining(study);
    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromStudy(study, computeOf(job.params), job.control);
    auto tasks = scoringTasks(job.params, study, supernet->model().tokenizer());
    const json counts = taskCounts(tasks);
    return asRun(job, study, "importance", job.params.integer("task-seed"), [&](JobRun& run) {
        const Evaluator evaluator(supernet);
        const ImportanceResult found = runImportance(study, run.id, evaluator.scorer(), "jet", std::move(tasks), job.control);
        run.complete = found.complete;
        json views = {{"one_full", json::array()}, {"one_linear", json::array()}};
        for (const auto& c : found.cells) {
            views.at(c.view).push_back({{"layer", c.layer}, {"task", c.task}, {"score", c.score}, {"low", c.low}, {"high", c.high},
                                        {"rank", c.rank}, {"rank_low", c.rank_low}, {"rank_high", c.rank_high}, {"items", c.items}});
        }
        return json{{"views", std::move(views)}, {"tasks", counts}, {"layer_tokens", found.cost.layer_tokens},
                    {"layer_tokens_whole", found.cost.layer_tokens_whole}};
    });
}

namespace jobs {

Operation importance() {
    return {.name = "importance",
            .summary = "Which layers each task really needs as attention",
            .options = joined(joined({studyOption()}, scoringOptions()), modelOptions("bf16")),
            .has_run = true,
            .details = "Two views: only this layer full (gain over all linear) and only this layer linear (loss against the teacher), "
                       "paired on the same items, in nats per token with 95 % intervals. What the study knows is not computed again.",
            .resume_hint = "run it again to go on",
            .run = [](JobContext& job) {
                const OpenStudy study(job);
                return measureImportance(job, *study);
            }};
}

}  // namespace jobs
}  // namespace airframe

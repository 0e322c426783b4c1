// SPDX-License-Identifier: GPL-3.0-or-later
#include <c10/core/InferenceMode.h>

#include <map>

#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/export/hf_export.h"
#include "core/study/statistics.h"
#include "core/supernet/supernet.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

/// What the study knows of this placement with these weights, the newest of each task.
std::vector<ExportScore> scoresOf(const Study& study, const Placement& placement, const std::string& checkpoint) {
    std::map<std::string, ExportScore> newest;
    for (const EvaluationRow& row : study.evaluations(true)) {
        if (row.key.placement != placement.text() || row.key.checkpoint_hash != (placement.allFull() ? "" : checkpoint)) continue;
        std::vector<double> values;
        for (const ItemScore& item : row.scores) values.push_back(item.nll);
        if (values.empty()) continue;
        const Interval nll = bootstrapMean(values, 0);
        newest[row.key.task] = {row.key.task, "nats per token", nll.mean, nll.low, nll.high, row.items};
    }
    std::vector<ExportScore> scores;
    for (const auto& [task, score] : newest) scores.push_back(score);
    return scores;
}

json run(JobContext& job) {
    const OpenStudy study(job);
    const Placement placement = Placement::parse(job.params.text("placement"), study->model().layers);
    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromStudy(*study, computeOf(job.params), job.control);
    supernet->check(placement);
    return asRun(job, *study, "export", 0, [&](JobRun&) -> json {
        ExportInfo info;
        info.storage = job.params.text("storage");
        info.model_hash = study->model().hash;
        info.study_uuid = study->uuid();
        info.scores = scoresOf(*study, placement, supernet->checkpointHash());
        const ExportResult made = airframe::exportPlacement(*supernet, placement, job.params.path("to"), info, job.control);
        return {{"dir", made.dir.string()}, {"files", made.files}, {"max_logit_difference", made.max_logit_difference},
                {"checked_tokens", made.checked_tokens}};
    });
}

}  // namespace

Operation exportPlacement() {
    return {.name = "export",
            .summary = "Take a placement away as a Hugging Face style folder",
            .options = joined({studyOption(), placementOption(),
                               {.name = "to", .help = "the folder to make", .required = true},
                               {.name = "storage", .help = "type of the stored matrices", .fallback = "float32", .choices = {"float32", "bf16"}}},
                              modelOptions("float32")),
            .has_run = true,
            .details = "Written to a temporary folder, read again and compared before it gets its name.",
            .resume_hint = "run it again",
            .run = run};
}

}  // namespace airframe::jobs

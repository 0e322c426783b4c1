// SPDX-License-Identifier: GPL-3.0-or-later
#include <c10/core/InferenceMode.h>

#include <map>

#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/export/export.h"
#include "core/study/statistics.h"
#include "core/supernet/supernet.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

/// What the study knows of this placement with these weights, the newest of each task.
std::vector<ArchitectureScore> scoresOf(const Study& study, const Placement& placement, const std::string& checkpoint) {
    std::map<std::string, ArchitectureScore> newest;
    for (const EvaluationRow& row : study.evaluations(true)) {
        if (row.key.placement != placement.text() || row.key.checkpoint_hash != (placement.allFull() ? "" : checkpoint)) continue;
        std::vector<double> values;
        for (const ItemScore& item : row.scores) values.push_back(item.nll);
        if (values.empty()) continue;
        const Interval nll = bootstrapMean(values, 0);
        newest[row.key.task] = {row.key.task, "nats per token", nll.mean, nll.low, nll.high, row.items};
    }
    std::vector<ArchitectureScore> scores;
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
        info.format = exportFormat(job.params.text("format"));
        info.storage = job.params.text("storage");
        info.shard_bytes = static_cast<std::uint64_t>(job.params.integer("shard-mb")) * 1'000'000;
        info.model_hash = study->model().hash;
        info.study_uuid = study->uuid();
        info.scores = scoresOf(*study, placement, supernet->checkpointHash());
        const ExportResult made = airframe::exportPlacement(*supernet, placement, job.params.path("to"), info, job.control);
        const bool folder = info.format == ExportFormat::hf;
        return {{"format", exportFormatWord(info.format)},
                {"path", made.path.string()},
                {"dir", (folder ? made.path : made.path.parent_path()).string()},
                {"files", made.files},
                {"storage", made.storage},
                {"checked_tokens", made.check.tokens},
                {"max_logit_difference", made.check.max_logit_difference},
                {"relative_logit_error", made.check.relative_logit_error},
                {"relative_weight_error", made.check.relative_weight_error}};
    });
}

}  // namespace

Operation exportPlacement() {
    std::vector<std::string> storages;
    for (const ExportFormat format : {ExportFormat::hf, ExportFormat::gguf})
        for (const std::string& storage : exportStorages(format)) storages.push_back(storage);
    return {.name = "export",
            .summary = "Take a placement away: a Hugging Face folder, a GGUF file or its architecture",
            .options = joined({studyOption(), placementOption(),
                               {.name = "to", .help = "the folder or file to make", .required = true},
                               {.name = "format", .help = "what to make", .fallback = "hf", .choices = {"hf", "gguf", "architecture"}},
                               {.name = "storage",
                                .help = "type of the stored matrices: float32 (the default) or bf16 for hf, F16 (the default) "
                                        "or a quantised type for gguf",
                                .choices = storages},
                               {.name = "shard-mb", .kind = OptionKind::integer, .help = "largest weight file of a folder, in MB",
                                .fallback = 5000, .low = 1, .high = 1e9}},
                              modelOptions("float32")),
            .has_run = true,
            .details = "hf: a folder that transformers runs by itself (trust_remote_code=True), in the released Jet-Nemotron form "
                       "where that form can say it. gguf: one file; llama.cpp runs it if every layer is attn. architecture: JSON "
                       "without weights. Written beside its place, read again and compared before it gets its name.",
            .resume_hint = "run it again",
            .run = run};
}

}  // namespace airframe::jobs

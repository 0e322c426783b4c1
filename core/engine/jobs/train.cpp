// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/train.h"

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/engine/jobs/jobs.h"
#include "core/engine/jobs/new_study.h"
#include "core/formats/model_file.h"
#include "core/model/model.h"

namespace airframe {

std::shared_ptr<const ModelFile> studyModelFile(const Study& study, const std::filesystem::path& model) {
    const ModelRow wanted = study.model();
    std::shared_ptr<const ModelFile> file = ModelFile::open(model.empty() ? std::filesystem::path(wanted.path) : model);
    if (const std::string hash = file->hash(); hash != wanted.hash) {
        throw Failure(ErrorCode::bad_input, file->path().string(),
                      "has SHA-256 " + hash + ", but the study's model has " + wanted.hash,
                      "name the model that the study was made from, or start a new study");
    }
    return file;
}

nlohmann::json trainStudy(JobContext& job, Study& study, std::shared_ptr<const ModelFile> file,
                          const DistillationOptions& options, const Compute& compute) {
    job.cache.clear();  // training needs the memory
    const auto teacher = Model::load(std::move(file), compute, job.control);
    const DistillationResult trained = distillLocally(study, *teacher, options, job.control);
    nlohmann::json heldout = nlohmann::json::array();
    for (std::size_t layer = 0; layer < trained.heldout.size(); ++layer) {
        heldout.push_back({{"layer", layer}, {"error", trained.heldout[layer]}});
    }
    return {{"tokens", trained.tokens}, {"seconds", trained.seconds}, {"heldout", std::move(heldout)},
            {"checkpoint", trained.checkpoint}};
}

namespace jobs {
namespace {

nlohmann::json run(JobContext& job) {
    const Params& params = job.params;
    DistillationOptions options;
    options.text = params.paths("text");
    options.minutes = params.has("minutes") ? params.number("minutes") : 0;
    options.tokens = params.has("tokens") ? params.integer("tokens") : 0;
    options.seed = params.integer("seed");
    options.resume = params.flag("resume");
    if (params.has("teacher-text")) options.teacher_text_share = params.number("teacher-text");
    if (params.has("batch")) options.batch = params.small("batch");
    if (params.has("window")) options.window = params.small("window");
    if (options.text.empty() && !options.resume) {
        throw Failure(ErrorCode::options, "--text", "is missing", "name files or folders of UTF-8 text");
    }
    if (options.minutes == 0 && options.tokens == 0 && !options.resume) {
        throw Failure(ErrorCode::options, "--minutes", "or --tokens is needed", "say how long to train");
    }
    const Compute compute = computeOf(params);
    const auto path = params.path("study");
    const auto model = params.has("MODEL") ? params.path("MODEL") : std::filesystem::path();
    std::unique_ptr<Study> made;
    std::shared_ptr<const ModelFile> file;
    if (std::filesystem::exists(path)) {
        made = Study::open(path);
        file = studyModelFile(*made, model);
    } else if (model.empty()) {
        throw Failure(ErrorCode::options, "MODEL", "is missing, and there is no study " + path.string() + " yet",
                      "name the model file that the study shall be made from");
    } else if (options.resume) {
        throw Failure(ErrorCode::bad_input, path.string(), "does not exist, so there is nothing to resume");
    } else {
        for (const auto& text : findTextFiles(options.text)) static_cast<void>(readTextFile(text));  // bad ones are told before a study is made
        made = makeStudy(path, model);
        file = ModelFile::open(model);
    }
    OpenStudy study(job, std::move(made));
    return trainStudy(job, *study, file, options, compute);
}

}  // namespace

Operation train() {
    OptionSpec model = modelArgument();
    model.required = false;
    return {.name = "train",
            .summary = "Train a linear block beside every attention layer, into a study",
            .options = joined(
                {model, studyOption(),
                 {.name = "text", .kind = OptionKind::texts, .help = "UTF-8 text files and folders to train on (.zst is read as text)"},
                 {.name = "minutes", .kind = OptionKind::number, .help = "time limit", .low = 0.001, .high = 1e7},
                 {.name = "tokens", .kind = OptionKind::integer, .help = "token limit", .low = 1, .high = 1e15},
                 {.name = "block", .help = "the linear block", .fallback = "jet", .choices = {"jet"}},
                 {.name = "seed", .kind = OptionKind::integer, .help = "of weights and order", .fallback = 0, .low = 0, .high = 9e15},
                 {.name = "batch", .kind = OptionKind::integer, .help = "windows per step", .low = 1, .high = 4096},
                 {.name = "window", .kind = OptionKind::integer, .help = "tokens per window", .low = 2, .high = 65536},
                 {.name = "teacher-text", .kind = OptionKind::number, .help = "share of windows sampled from the teacher itself", .low = 0, .high = 1},
                 {.name = "resume", .kind = OptionKind::flag, .help = "go on with the study's last training that did not end"}},
                modelOptions("bf16")),
            .has_run = true,
            .details = "Makes the study when it does not exist. A training that was stopped or killed goes on with --resume.",
            .run = run};
}

}  // namespace jobs
}  // namespace airframe

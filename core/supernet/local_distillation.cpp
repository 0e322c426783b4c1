// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/local_distillation.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/supernet/distillation.h"
#include "core/supernet/run_parameters.h"

namespace airframe {
namespace {

/// The run to continue: the last training run, if it is not over and nobody else is at it.
RunRow resumable(const Study& study) {
    const auto runs = study.runs("train");
    if (runs.empty() || runs.back().state == RunState::done)
        throw Failure(ErrorCode::options, "--resume",
                      runs.empty() ? "this study has no training run" : "the last training run is complete",
                      "train without --resume");
    const RunRow& last = runs.back();
    if ((last.state == RunState::running || last.state == RunState::paused) && study.ownerAlive(last.id))
        throw Failure(ErrorCode::bad_input, "run " + std::to_string(last.id), "another process is training it",
                      "stop that one first");
    return last;
}

void check(const DistillationOptions& o) {
    const auto bad = [](const char* option, const char* what) { throw Failure(ErrorCode::options, option, what); };
    if (o.text.empty()) bad("--text", "no text to train on was given");
    if (o.tokens <= 0 && o.minutes <= 0) bad("--tokens", "tokens or minutes were wanted, to know when to end");
    if (o.window < 32) bad("window", "at least 32 tokens were wanted");
    if (o.batch < 1) bad("batch", "at least 1 window was wanted");
}

/// Marks a run whose work threw, in a catch block. What was committed before stays.
void endBadly(Study& study, std::int64_t run) {
    Error error{ErrorCode::internal, "training", "an unexpected error", ""};
    try {
        throw;
    } catch (const Failure& failure) {
        error = failure.error();
    } catch (const std::exception& other) {
        error.what = other.what();
    }
    const bool stopped = error.code == ErrorCode::interrupted;
    try {
        study.setRunState(
            run, stopped ? RunState::stopped : RunState::failed,
            stopped ? "" : nlohmann::json{{"where", error.where}, {"what", error.what}, {"hint", error.hint}}.dump());
    } catch (const Failure&) {
        // The disk may be full for the study too; the first error is the one to tell, and the next open marks the run.
    }
}

}  // namespace

DistillationResult distillLocally(Study& study, const Model& teacher, const DistillationOptions& asked,
                                  RunControl& control) {
    const c10::InferenceMode ordinary(false);  // gradients are needed even if the caller works without
    std::int64_t run = 0;
    DistillationOptions options = asked;
    if (asked.resume) {
        const RunRow last = resumable(study);
        options = trainingOptions(last);
        run = last.id;
    }
    check(options);
    auto corpus = readCorpus(options.text, teacher.tokenizer(), options.window, Distillation::heldout_windows,
                             at::get_num_threads(), control);
    if (run)
        study.adoptRun(run);
    else
        run = study.beginRun("train", options.seed, trainingParameters(options, corpus.hash),
                             trainingEnvironment(teacher, at::get_num_threads()));
    try {
        Distillation training(study, teacher, options, std::move(corpus), run, control);
        const bool whole = training.train();
        whole ? training.writeFinal() : training.writeCheckpoint();
        study.setRunState(run, whole ? RunState::done : RunState::stopped);
        auto result = training.result();
        result.stopped = !whole;
        return result;
    } catch (...) {
        endBadly(study, run);
        throw;
    }
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/search.h"

#include <c10/core/InferenceMode.h>

#include <numeric>

#include "core/base/error.h"
#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/engine/jobs/scoring.h"
#include "core/eval/evaluator.h"
#include "core/eval/exhaustive_check.h"
#include "core/eval/search_driver.h"
#include "core/study/search/make_search.h"

namespace airframe {
namespace {

using nlohmann::json;

json searchOptions(const Params& params, int layers) {
    const int budget = params.small("full-layers");
    if (budget > layers) {
        throw Failure(ErrorCode::options, params.shown("full-layers"), std::to_string(budget) + " is more than the model's " +
                      std::to_string(layers) + " layers");
    }
    return {{"kind", params.text("KIND")},
            {"layers", layers},
            {"budget", budget},
            {"width", params.small("width")},
            {"pin", checkedLayers(params, "pin", layers)},
            {"forbid", checkedLayers(params, "forbid", layers)},
            {"base", "jet"},
            {"among", checkedLayers(params, "among", layers)},
            {"draws", params.small("draws")},
            {"seed", params.integer("seed")}};
}

json resultJson(const SearchResult& found) {
    json rounds = json::array();
    for (const Verdict& v : found.verdicts) {
        if (rounds.empty() || rounds.back().at("round") != v.round) {
            rounds.push_back({{"round", v.round}, {"candidates", json::array()}});
        }
        rounds.back()["candidates"].push_back({{"placement", v.placement.text()}, {"score", v.score}, {"low", v.low},
                                               {"high", v.high}, {"kept", v.kept}, {"cut_reason", v.cut_reason}});
    }
    json controls = json::array();
    for (const ProposalRow& c : found.controls) {
        controls.push_back({{"name", c.name}, {"placement", c.placement}, {"score", c.score}, {"low", c.low}, {"high", c.high}});
    }
    return {{"rounds", std::move(rounds)},
            {"best", found.best.empty() ? json() : json(found.best.front().placement.text())},
            {"controls", std::move(controls)},
            {"layer_tokens", found.cost.layer_tokens},
            {"layer_tokens_whole", found.cost.layer_tokens_whole}};
}

json toldJson(const Told& told) {
    return {{"placement", told.placement.text()}, {"score", told.score}, {"low", told.low}, {"high", told.high}};
}

json checkJson(const ExhaustiveCheck& check) {
    json all = json::array();
    for (const Told& told : check.all) all.push_back(toldJson(told));
    json result = {{"all", std::move(all)},
                   {"layer_tokens", check.cost.layer_tokens},
                   {"layer_tokens_whole", check.cost.layer_tokens_whole}};
    if (!check.complete) return result;
    result["best"] = toldJson(check.best);
    result["beam"] = toldJson(check.beam);
    result["beam_rank"] = check.beam_rank;
    result["regret"] = {{"mean", check.regret.mean}, {"low", check.regret.low}, {"high", check.regret.high}};
    return result;
}

/// The layers to choose among: those named, or all.
std::vector<int> amongLayers(const Params& params, int layers) {
    auto among = checkedLayers(params, "among", layers);
    if (!among.empty()) return among;
    among.resize(static_cast<std::size_t>(layers));
    std::iota(among.begin(), among.end(), 0);
    return among;
}

}  // namespace

json searchPlacements(JobContext& job, Study& study) {
    const Params& params = job.params;
    needTraining(study);
    const bool checked = params.text("KIND") == "check";
    const auto search = checked ? nullptr : makeSearch(searchOptions(params, study.model().layers));  // wrong options are told before loading
    SearchRequest request;
    request.full_layers = params.small("full-layers");
    request.seed = params.integer("seed");
    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromStudy(study, computeOf(params), job.control);
    auto tasks = scoringTasks(params, study, supernet->model().tokenizer());
    const json counts = taskCounts(tasks);
    return asRun(job, study, "search", request.seed, [&](JobRun& run) {
        const Evaluator evaluator(supernet);
        const Scorer scorer = evaluator.scorer();
        EvaluationRun evaluation(study, run.id, scorer, std::move(tasks));
        if (checked) {
            const auto check = runExhaustiveCheck(study, run.id, request, amongLayers(params, study.model().layers),
                                                  params.small("width"), evaluation, job.control);
            run.complete = check.complete;
            json result = checkJson(check);
            result["tasks"] = counts;
            return result;
        }
        const SearchResult found = runSearch(study, run.id, *search, request, evaluation, job.control);
        run.complete = found.complete;
        json result = resultJson(found);
        result["tasks"] = counts;
        return result;
    });
}

namespace jobs {

Operation search() {
    OptionSpec layers{.name = "", .kind = OptionKind::integers, .low = -1e9, .high = 1e9};
    OptionSpec pin = layers, forbid = layers, among = layers;
    pin.name = "pin", pin.help = "layers that are full in every candidate";
    forbid.name = "forbid", forbid.help = "layers that are never full";
    among.name = "among", among.help = "exhaustive and check: choose among these layers only";
    return {.name = "search",
            .summary = "Find the few layers that keep their attention",
            .options = joined(
                joined({{.name = "KIND", .help = "how to search", .fallback = "beam", .choices = {"beam", "greedy", "exhaustive", "random", "check"}},
                        studyOption(),
                        {.name = "full-layers", .kind = OptionKind::integer, .help = "full-attention layers wanted", .required = true, .low = 0, .high = 65536},
                        {.name = "width", .kind = OptionKind::integer, .help = "beams kept per round", .fallback = 4, .low = 1, .high = 10000},
                        pin, forbid, among,
                        {.name = "draws", .kind = OptionKind::integer, .help = "random: placements drawn", .fallback = 8, .low = 1, .high = 100000},
                        {.name = "seed", .kind = OptionKind::integer, .help = "of random controls and intervals", .fallback = 0, .low = 0, .high = 9e15}},
                       scoringOptions()),
                modelOptions("bf16")),
            .has_run = true,
            .details = "Scores are gains over all layers linear on the same items, in nats per token. Controls of the same number of full "
                       "layers (uniform, last, eight random draws) are always measured. "
                       "check scores every choice and tells which of them a beam of the width finds, and its regret.",
            .resume_hint = "run it again to go on",
            .run = [](JobContext& job) {
                const OpenStudy study(job);
                return searchPlacements(job, *study);
            }};
}

}  // namespace jobs
}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/eval/evaluator.h"
#include "core/eval/native_scorer.h"
#include "core/eval/text_loss.h"
#include "core/formats/tokenizer.h"
#include "core/supernet/supernet.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

constexpr std::uint64_t interval_seed = 0;

json windowsOf(const TextLoss& loss) {
    json windows = json::array();
    for (std::size_t i = 0; i < loss.window_nll.size(); ++i)
        windows.push_back({{"nll", loss.window_nll[i]}, {"tokens", loss.window_tokens[i]}});
    return windows;
}

json run(JobContext& job) {
    const c10::InferenceMode inference;
    const Params& params = job.params;
    const auto study = Study::open(params.path("study"), Study::Mode::read_only);
    std::vector<Placement> placements = {Placement::parse(params.text("placement"), study->model().layers)};
    for (const auto& other : params.paths("against"))
        placements.push_back(Placement::parse(other.string(), study->model().layers));
    const std::string text = readTextFile(params.path("text"));
    const auto supernet = job.cache.fromStudy(*study, computeOf(params), job.control);
    for (const Placement& placement : placements) supernet->check(placement);
    std::vector<std::int32_t> ids = supernet->model().tokenizer().encode(text);
    if (params.has("tokens")) ids.resize(std::min(ids.size(), static_cast<std::size_t>(params.integer("tokens"))));
    if (ids.size() < 2) throw Failure(ErrorCode::bad_input, params.text("text"), "holds fewer than 2 tokens", "use a longer text");

    const Evaluator evaluator(supernet);
    const bool native = supernet->model().compute().native;
    const auto losses = textLosses(native ? nativeScorer(supernet) : evaluator.scorer(), placements, textWindows(ids), job.control);
    json result = {{"nll", losses.front().nll}, {"tokens", losses.front().tokens}};
    if (params.flag("windows")) result["windows"] = windowsOf(losses.front());
    if (losses.size() == 1) return result;
    result["against"] = json::array();
    for (std::size_t i = 1; i < losses.size(); ++i) {
        const Interval gain = lossGain(losses.front(), losses[i], interval_seed);
        result["against"].push_back({{"placement", placements[i].text()}, {"nll", losses[i].nll}, {"gain", gain.mean},
                                     {"low", gain.low}, {"high", gain.high}});
        if (params.flag("windows")) result["against"].back()["windows"] = windowsOf(losses[i]);
    }
    return result;
}

}  // namespace

Operation loss() {
    return {.name = "loss",
            .summary = "Mean negative log-likelihood of a text under a placement",
            .options = joined(
                {studyOption(), placementOption(),
                 {.name = "text", .help = "a UTF-8 text file (.zst is read as text)", .required = true},
                 {.name = "tokens", .kind = OptionKind::integer, .help = "use only the first ids of the text", .low = 2, .high = 1e15},
                 {.name = "against", .kind = OptionKind::texts, .help = "placements to compare with, window by window"},
                 {.name = "windows", .kind = OptionKind::flag, .help = "also the loss of every window"}},
                modelOptions("float32", NativeCompute::offered)),
            .details = "Disjoint windows of 512 ids, each predicting its ids after the first; a shorter last window counts too. No BOS. "
                       "With --against, the gain of the placement over each other one in nats per token (positive: it is better), with "
                       "the 95 % interval of a paired bootstrap over the windows.",
            .run = run};
}

}  // namespace airframe::jobs

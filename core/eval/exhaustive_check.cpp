// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/exhaustive_check.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/eval/progress_meter.h"
#include "core/eval/proposal_log.h"
#include "core/study/objective.h"
#include "core/study/search/beam.h"
#include "core/study/study.h"

namespace airframe {
namespace {

constexpr std::size_t most_choices = 20000;

/// All choices of `count` of `layers`, in lexicographic order.
std::vector<Placement> choices(int model_layers, const std::vector<int>& layers, int count, const std::string& base) {
    std::vector<Placement> placements;
    std::vector<bool> chosen(layers.size(), false);
    std::fill(chosen.begin(), chosen.begin() + count, true);
    do {
        if (placements.size() == most_choices)
            throw Failure(ErrorCode::bad_input, "layers", "more than 20000 choices", "name fewer layers");
        std::vector<int> full;
        for (std::size_t i = 0; i < layers.size(); ++i)
            if (chosen[i]) full.push_back(layers[i]);
        placements.push_back(Placement::withFull(model_layers, full, base));
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
    return placements;
}

void check(std::vector<int>& layers, int model_layers, int count) {
    std::sort(layers.begin(), layers.end());
    if (std::adjacent_find(layers.begin(), layers.end()) != layers.end())
        throw Failure(ErrorCode::bad_input, "layers", "a layer is named twice");
    if (!layers.empty() && (layers.front() < 0 || layers.back() >= model_layers))
        throw Failure(ErrorCode::bad_input, "layers", "the model has layers 0 to " + std::to_string(model_layers - 1));
    if (count < 1 || static_cast<int>(layers.size()) < count)
        throw Failure(ErrorCode::bad_input, "layers",
                      std::to_string(count) + " full layers cannot be chosen among " + std::to_string(layers.size()));
}

}  // namespace

ExhaustiveCheck runExhaustiveCheck(Study& study, std::int64_t run, const SearchRequest& request,
                                   std::vector<int> layers, int width, EvaluationRun& evaluation, RunControl& control) {
    const int model_layers = study.model().layers;
    check(layers, model_layers, request.full_layers);
    const Placement base = Placement::withFull(model_layers, {}, request.base_block);
    const auto all = choices(model_layers, layers, request.full_layers, request.base_block);
    const auto seed = static_cast<std::uint64_t>(request.seed);
    const auto score = [&](const Placement& placement) {
        const Interval gain = gainOver(evaluation.rows(base), evaluation.rows(placement), request.weights, seed);
        return Told{placement, gain.mean, gain.low, gain.high, false};
    };

    ExhaustiveCheck result;
    ProposalLog log(study, run);
    std::vector<Ask> asks;
    for (const Placement& placement : all) asks.push_back({placement, 0, {}, "search"});
    log.queue(asks);
    ProgressMeter meter(control, "search", "candidates");
    meter.setTotal(static_cast<double>(all.size() + 1));
    const auto finished = [&](const Placement& placement, bool fresh) { meter.finished(fresh, placement.text()); };
    const auto stopped = [&] {
        result.cost = evaluation.cost();
        return result;
    };
    if (!evaluation.evaluate({base}, control, finished)) return stopped();
    if (!evaluation.evaluate(all, control, [&](const Placement& placement, bool fresh) {
            log.scored(score(placement));
            finished(placement, fresh);
            study.setRunProgress(run, meter.done(), meter.total());
        }))
        return stopped();

    // The beam sees the same numbers: what it asks for is in the study, but for its first rounds of fewer layers.
    Constraints constraints{model_layers, request.full_layers, width, request.base_block, {}, {}};
    for (int layer = 0; layer < model_layers; ++layer)
        if (!std::binary_search(layers.begin(), layers.end(), layer)) constraints.forbidden.insert(layer);
    BeamSearch beam(constraints);
    for (auto wanted = beam.next(); !wanted.empty(); wanted = beam.next()) {
        std::vector<Placement> placements;
        for (const Ask& ask : wanted) placements.push_back(ask.placement);
        if (!evaluation.evaluate(placements, control)) return stopped();
        for (const Placement& placement : placements) beam.tell(score(placement));
    }

    for (const Placement& placement : all) result.all.push_back(score(placement));
    std::stable_sort(result.all.begin(), result.all.end(),
                     [](const Told& a, const Told& b) { return a.score > b.score; });
    result.best = result.all.front();
    result.beam = beam.best().front();
    const auto found = std::find_if(result.all.begin(), result.all.end(),
                                    [&](const Told& told) { return told.placement == result.beam.placement; });
    result.beam_rank = static_cast<int>(found - result.all.begin()) + 1;
    result.regret =
        gainOver(evaluation.rows(result.beam.placement), evaluation.rows(result.best.placement), request.weights, seed);
    result.cost = evaluation.cost();
    result.complete = true;
    return result;
}

}  // namespace airframe

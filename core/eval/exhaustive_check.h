// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_run.h"
#include "core/eval/search_driver.h"
#include "core/study/search/search.h"
#include "core/study/statistics.h"

namespace airframe {

class Study;

/// A beam search against the truth: every choice of K full layers among some layers.
struct ExhaustiveCheck {
    std::vector<Told> all;  ///< every choice, best first
    Told best;              ///< of all
    Told beam;              ///< what a beam of the given width finds among the same layers
    int beam_rank = 0;      ///< 1 = the beam found the best
    Interval regret;        ///< score(best) - score(beam) on the same items; 0 when they are the same placement
    EvaluationCost cost;
    bool complete = false;  ///< false: stopped; only the cost is set, running it again goes on
};

/// Scores every placement with `request.full_layers` full layers among `layers`, then runs a beam of `width` restricted
/// to these layers on the same items. `run` is a run of kind "search" that this process owns. Throws Failure(bad_input,
/// "layers") for fewer layers than are to be full, a layer twice or outside the model, or more than 20,000 choices.
[[nodiscard]] ExhaustiveCheck runExhaustiveCheck(Study& study, std::int64_t run, const SearchRequest& request,
                                                 std::vector<int> layers, int width, EvaluationRun& evaluation,
                                                 RunControl& control);

}  // namespace airframe

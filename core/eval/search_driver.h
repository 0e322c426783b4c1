// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/evaluation_run.h"
#include "core/study/records.h"
#include "core/study/search/search.h"

namespace airframe {

class Study;

/// What a search is compared with and how its scores are weighed.
struct SearchRequest {
    std::string base_block = "jet";         ///< scores are gains over the placement of this block alone
    int full_layers = 0;                    ///< the budget at the start; the controls have as many
    std::int64_t seed = 0;                  ///< of the random controls and of the bootstrap
    std::map<std::string, double> weights;  ///< of tasks; empty = equal
};

struct SearchResult {
    std::vector<Verdict> verdicts;      ///< of all closed rounds
    std::vector<Told> best;             ///< of the last closed round, best first
    std::vector<ProposalRow> controls;  ///< for the budget that was in force at the end
    EvaluationCost cost;
    bool complete = false;  ///< false: stopped; running it again goes on from the saved state
};

/// Runs any search to its end: next, measure, store, tell, notify, steer. `run` is a run of kind "search" that this
/// process owns; its state is the caller's to set. If the study holds a state of this search, the search is restored
/// from it first, and nothing that was measured is measured again. All candidates of a round are scored in one walk, so
/// that they share prefixes; each is stored, told and published as it finishes. Steering ends the walk between two
/// layers, acts at once and is logged with its effect; pausing and stopping are the control's. The controls (uniform,
/// last, random-1 to random-8) are measured first, and again when steering changes the budget.
[[nodiscard]] SearchResult runSearch(Study& study, std::int64_t run, Search& search, const SearchRequest& request,
                                     EvaluationRun& evaluation, RunControl& control);

}  // namespace airframe

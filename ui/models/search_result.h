// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ui/models/beam_rounds.h"
#include "ui/models/row_table.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

struct SearchChoices;

/// A control placement of the same budget, compared with what the search found.
struct ControlLine {
    std::string name, placement;
    bool scored = false;
    Interval score;                    ///< gain over all linear
    std::optional<Interval> lead;      ///< of the best found placement over it, paired
    bool is_best = false;              ///< the found placement itself, as a row beside its controls
};

/// Everything the placement page shows about one search, derived from stored per-item scores under given weights.
struct SearchResult {
    std::int64_t run = 0;
    BeamRounds rounds;
    std::vector<ControlLine> lines;    ///< the best first, then uniform, last, random-1...
    std::string best;                  ///< placement, "" = none yet
    bool reranked = false;             ///< weights differ from those of the run
};

/// Slow (a bootstrap per candidate where weights differ): call it off the GUI thread.
[[nodiscard]] SearchResult searchResult(const SnapshotPtr& snapshot, std::int64_t run, const std::map<std::string, double>& weights,
                                        const std::map<std::string, double>& run_weights);

/// "Best: 6 full of 30 ..., +0.412 (0.390 to 0.433); beats uniform by +0.031 (0.011 to 0.052), beyond error."
[[nodiscard]] QString searchVerdict(const SearchResult& result);

[[nodiscard]] RowTable<ControlLine>* controlLines(QObject* parent);
[[nodiscard]] RowTable<BeamNode>* beamRows(QObject* parent);
[[nodiscard]] RowTable<ControlRow>* steeringLog(QObject* parent, int layers);

/// "keeps 46 evaluated, removes 3 queued, adds 5" from the JSON that Search::apply and preview return; "" if unreadable.
[[nodiscard]] QString effectText(const std::string& json);

}  // namespace airframe::ui

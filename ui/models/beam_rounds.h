// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <map>
#include <string>
#include <vector>

#include "core/study/records.h"
#include "core/study/statistics.h"

namespace airframe::ui {

/// A candidate of a search as the tree draws it.
struct BeamNode {
    std::string placement, parent;
    int parent_node = -1;       ///< index into BeamRounds::nodes, -1 = grew from the base
    int round = 0;
    std::vector<int> full;      ///< its full-attention layers
    std::vector<int> added;     ///< those its parent has not
    std::string origin, state, cut_reason;
    bool scored = false, kept = false, best = false;
    double score = 0, low = 0, high = 0;
    int rank = 0;               ///< among the scored ones of its round, 1 = best; 0 = not scored
    int queue_pos = 0;
};

/// A search as columns, left to right. Plain data; made from rows alone.
struct BeamRounds {
    struct Column {
        int round = 0;
        std::vector<int> nodes;  ///< kept ones first by score, then running, queued in order, cut by score, failed, dropped
    };
    std::vector<BeamNode> nodes;
    std::vector<Column> columns;
    double lowest = 0, highest = 0;  ///< of all interval ends: the common scale of the whiskers
    int best = -1;                   ///< best kept node of the last closed round, -1 = none
};

/// The rounds of search `run` (controls are left out). Scores in `rescored` (by placement) replace the stored ones and
/// re-rank the columns; what was kept stays as it was, because that is history.
[[nodiscard]] BeamRounds beamRounds(const std::vector<ProposalRow>& proposals, std::int64_t run,
                                    const std::map<std::string, Interval>& rescored = {});

/// "＋19" or "＋3, 19": what a node added, or all its full layers if it grew from the base.
[[nodiscard]] QString nodeLabel(const BeamNode& node);
/// "kept", "cut: below width", "queued 2", "failed": what became of a node.
[[nodiscard]] QString nodeFate(const BeamNode& node);

}  // namespace airframe::ui

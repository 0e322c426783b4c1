// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/study/records.h"
#include "core/study/search/search.h"
#include "core/study/statistics.h"

namespace airframe {

class Study;

/// The candidates of one search as rows of the study: queued, done, failed or dropped, kept or cut. Writes only what
/// changed. Reads back what an interrupted search left.
class ProposalLog {
  public:
    ProposalLog(Study& study, std::int64_t run);

    /// The queue now: new candidates are added, those that left it without a score are marked dropped.
    void queue(const std::vector<Ask>& asks);
    /// A control of the searched budget, under its name. Measured under another score before: updated.
    ProposalRow control(const std::string& name, const Placement& placement, const Interval& gain);
    void scored(const Told& told);
    /// What the search decided in its closed rounds.
    void decided(const std::vector<Verdict>& verdicts);

  private:
    void write(ProposalRow& row, const ProposalRow& wanted);

    Study& m_study;
    std::int64_t m_run;
    std::vector<ProposalRow> m_rows;
    std::map<std::pair<int, std::string>, std::size_t>
        m_index;  // (round, placement) of candidates, (-1, name) of controls
};

}  // namespace airframe

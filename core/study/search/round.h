// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/study/search/constraints.h"
#include "core/study/search/search.h"

namespace airframe {

/// What a search remembers over all rounds, by placement text.
struct Ledger {
    std::map<std::string, Told> told;
    std::map<std::string, std::string> dropped;  ///< by whom; never asked again unless added again
    std::set<std::string> orphans;               ///< those of `dropped` that went with what they grew from

    /// nullptr when nothing is known.
    [[nodiscard]] const Told* find(const std::string& placement) const;
    void tell(Told told);  ///< not finite = failed
    [[nodiscard]] nlohmann::json json() const;
    [[nodiscard]] static Ledger from(const nlohmann::json& json);
};

/// A placement in a round.
struct Candidate {
    Placement placement;
    std::string text;                  ///< of the placement
    std::vector<std::string> parents;  ///< every kept placement that it grew from; the first is shown
    std::string origin = "search";     ///< or "person"
    bool competes = true;              ///< false: a person's, of another number of full layers; only scored
};

/// The open round: candidates in queue order. Constraints and the ledger are arguments, so that a changed constraint
/// acts on the queue at once and a withdrawn one gives its candidates back.
class Round {
  public:
    int index = 0;
    int full_layers = 0;  ///< of its competing candidates

    /// Puts a candidate at the end, or before the queue. A known text only gains the new parents, and a person's wish.
    void add(Candidate candidate, bool first = false);
    [[nodiscard]] const std::vector<Candidate>& candidates() const { return m_candidates; }
    /// Indices of the candidates to score next, in order: not told, not dropped, allowed or a person's own wish.
    [[nodiscard]] std::vector<std::size_t> queue(const Constraints& constraints, const Ledger& ledger) const;
    [[nodiscard]] std::vector<Ask> asks(const Constraints& constraints, const Ledger& ledger) const;
    /// Moves the named placements to the front, in this order; returns how many are in the round.
    int order(const std::vector<Placement>& first);
    /// Why a candidate cannot be kept, "" = it can; a candidate that is not told yet has no reason either.
    [[nodiscard]] std::string cutReason(const Candidate& candidate, const Constraints& constraints,
                                        const Ledger& ledger) const;
    /// Verdicts, best first: the `width` best that may be kept, then the rest with why not. Equal scores go by text.
    [[nodiscard]] std::vector<Verdict> close(const Constraints& constraints, const Ledger& ledger) const;

    [[nodiscard]] nlohmann::json json() const;
    [[nodiscard]] static Round from(const nlohmann::json& json, int layers);

  private:
    std::vector<Candidate> m_candidates;
};

/// Parses a saved search state, checks its kind and version and hands it on; whatever is wrong with it becomes
/// Failure(bad_input, "search state", ...).
void restoring(const std::string& text, const std::string& kind,
               const std::function<void(const nlohmann::json&)>& take);

[[nodiscard]] nlohmann::json toJson(const Verdict& verdict);
[[nodiscard]] Verdict verdictFrom(const nlohmann::json& json, int layers);
/// What changed in a queue: {"kept","dropped","added","queue"}.
[[nodiscard]] nlohmann::json queueChange(const std::vector<Ask>& before, const std::vector<Ask>& after);

}  // namespace airframe

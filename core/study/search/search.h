// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/study/placement.h"

namespace airframe {

struct Steering;

/// A placement that a search wants scored.
struct Ask {
    Placement placement;
    int round = 0;
    std::string parent;  ///< canonical text of the placement it grew from, "" at the root
    std::string origin;  ///< "search" or "person"
};

/// The score of a placement: paired gain over a base, so that higher is better, with a 95 % interval (nats).
struct Told {
    Placement placement;
    double score = 0, low = 0, high = 0;
    bool failed = false;  ///< could not be scored (does not fit, ...): never asked again, never kept
};

/// What happened to a candidate when its round closed.
struct Verdict {
    Placement placement;
    int round = 0;
    double score = 0, low = 0, high = 0;
    bool kept = false;
    std::string cut_reason;  ///< empty when kept
    bool scored = true;      ///< false: left the queue before it was scored; its numbers are 0
};

/// Ask/tell search over placements; pure logic, no model, no clock. Deterministic for a seed and a history of calls.
/// The driver: while (!(asks = next()).empty()) { measure; tell each; apply steering; }.
class Search {
  public:
    virtual ~Search() = default;
    [[nodiscard]] virtual std::string kind() const = 0;  ///< "beam", "exhaustive", "greedy", "random"
    /// All placements of the current round that are not yet told. Empty = the search is over.
    [[nodiscard]] virtual std::vector<Ask> next() = 0;
    /// Takes a score. Telling a placement again replaces its score (after new task weights the driver tells everything
    /// it knows again); telling one that was never asked only remembers it. A score that is not finite counts as
    /// failed.
    virtual void tell(const Told& told) = 0;
    /// Applies a person's choice from the next step on; returns a JSON text saying what it changed
    /// ({"kept":46,"dropped":3,"added":5}). Throws Failure(bad_input) for a choice that makes no sense.
    virtual std::string apply(const Steering& steering) = 0;
    /// What apply would return, changing nothing.
    [[nodiscard]] virtual std::string preview(const Steering& steering) const = 0;
    [[nodiscard]] virtual std::vector<Verdict> verdicts() const = 0;  ///< of all closed rounds, in order
    [[nodiscard]] virtual int round() const = 0;
    [[nodiscard]] virtual int rounds() const = 0;  ///< how many there will be
    /// Kept placements of the last closed round that kept any (and is within the budget), best first.
    [[nodiscard]] virtual std::vector<Told> best() const = 0;
    [[nodiscard]] virtual std::string save() const = 0;  ///< JSON of the whole state
    /// Continues from a saved state of the same kind. Throws Failure(bad_input, "search state", ...) otherwise.
    virtual void restore(const std::string& json) = 0;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/study/search/constraints.h"
#include "core/study/search/round.h"
#include "core/study/search/search.h"

namespace airframe {

/// Beam search grown one full-attention layer at a time. Round 0 scores the root (only the pinned layers full); each
/// later round makes one more layer full in every kept placement, in every way that is not forbidden, without repeats,
/// and keeps the `width` best. It ends with the round of `budget` full layers. Width 1 is greedy search.
///
/// Steering. forbid, pin and drop act on the queue at once: candidates that are no longer allowed leave it, and those
/// already scored are cut when the round closes. Undoing one gives its candidates back. When a change leaves nothing to
/// hope for in the open round, the round closes and the kept placements are mended: pinned layers made full, forbidden
/// ones linear, and where that is more than the budget, every way of giving up unpinned layers is tried (at most 256).
/// width counts when a round closes. budget may grow or shrink at any time; a finished search goes on when it grows.
/// add asks for placements next: they compete in the round of their number of full layers (now or later), otherwise
/// they are only scored. drop takes a placement out of the queue or the beam, and with it the queued candidates that
/// grew from it alone.
class BeamSearch final : public Search {
  public:
    /// Throws Failure(bad_input) when no placement can obey.
    explicit BeamSearch(Constraints constraints);

    [[nodiscard]] std::string kind() const override { return "beam"; }
    [[nodiscard]] std::vector<Ask> next() override;
    void tell(const Told& told) override;
    std::string apply(const Steering& steering) override;
    [[nodiscard]] std::string preview(const Steering& steering) const override;
    [[nodiscard]] std::vector<Verdict> verdicts() const override { return m_verdicts; }
    [[nodiscard]] int round() const override;
    [[nodiscard]] int rounds() const override;
    [[nodiscard]] std::vector<Told> best() const override;
    [[nodiscard]] std::string save() const override;
    void restore(const std::string& json) override;

    [[nodiscard]] const Constraints& constraints() const { return m_constraints; }

  private:
    void settle();  ///< closes rounds that are complete and opens the next, until something is asked or all is done
    void closeRound();
    void openRound();  ///< from the beam; leaves m_round empty when the search is over
    void openRoot();
    void refill();  ///< children of the beam that changed constraints allow now
    void addPersonal(const Placement& placement);
    void drop(const Placement& placement, const std::string& who);
    [[nodiscard]] std::vector<Candidate> childrenOf(const Placement& parent) const;
    [[nodiscard]] std::vector<Candidate> mended(const Placement& parent) const;
    [[nodiscard]] bool needsMending(const Placement& placement) const;

    Constraints m_constraints;
    Ledger m_ledger;
    std::optional<Round> m_round;
    std::vector<Placement> m_beam;                    ///< kept by the last closed round
    std::map<int, std::vector<Candidate>> m_waiting;  ///< for rounds of more full layers
    std::vector<Verdict> m_verdicts;
    int m_closed = 0;
};

}  // namespace airframe

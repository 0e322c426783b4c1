// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/study/search/constraints.h"
#include "core/study/search/round.h"
#include "core/study/search/search.h"

namespace airframe {

/// A search of one round over a list of placements that is known from the start; the base of exhaustive and random
/// search. Steering as for the beam: forbid, pin and drop act on the queue at once, add and order too; a changed budget
/// makes a new list (what was scored stays known). The round closes when its queue is empty and opens again when a
/// choice fills it.
class ListSearch : public Search {
  public:
    [[nodiscard]] std::vector<Ask> next() override;
    void tell(const Told& told) override;
    std::string apply(const Steering& steering) override;
    [[nodiscard]] std::string preview(const Steering& steering) const override;
    [[nodiscard]] std::vector<Verdict> verdicts() const override;
    [[nodiscard]] int round() const override { return 0; }
    [[nodiscard]] int rounds() const override { return 1; }
    [[nodiscard]] std::vector<Told> best() const override;
    [[nodiscard]] std::string save() const override;
    void restore(const std::string& json) override;

  protected:
    explicit ListSearch(Constraints constraints);
    /// The placements to score for these constraints. Throws Failure(bad_input) when there are too many or none can be.
    [[nodiscard]] virtual std::vector<Placement> list(const Constraints& constraints) const = 0;
    /// Options of the kind, for save and restore.
    [[nodiscard]] virtual nlohmann::json options() const = 0;
    virtual void setOptions(const nlohmann::json& options) = 0;
    void fill();  ///< to be called by the constructor of the kind

  private:
    [[nodiscard]] std::string steer(const Steering& steering, Constraints& constraints, Ledger& ledger,
                                    Round& round) const;
    [[nodiscard]] Round filled(const Constraints& constraints, const Round& before) const;

    Constraints m_constraints;
    Ledger m_ledger;
    Round m_round;
};

}  // namespace airframe

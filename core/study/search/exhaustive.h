// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/study/search/list_search.h"

namespace airframe {

/// Every way of making `budget` layers full: the pinned ones and the rest among `among` (all layers when empty). For
/// checking other searches: at most 1,000,000 placements, or Failure(bad_input, "full layers", ...).
class ExhaustiveSearch final : public ListSearch {
  public:
    explicit ExhaustiveSearch(Constraints constraints, std::vector<int> among = {});
    [[nodiscard]] std::string kind() const override { return "exhaustive"; }

  private:
    [[nodiscard]] std::vector<Placement> list(const Constraints& constraints) const override;
    [[nodiscard]] nlohmann::json options() const override { return {{"among", m_among}}; }
    void setOptions(const nlohmann::json& options) override { m_among = options.at("among").get<std::vector<int>>(); }

    std::vector<int> m_among;
};

}  // namespace airframe

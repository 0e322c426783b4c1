// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/study/search/list_search.h"

namespace airframe {

/// `draws` different placements with `budget` full layers, pinned ones included, drawn evenly by a seeded generator:
/// fewer when fewer exist. What a search must beat.
class RandomSearch final : public ListSearch {
  public:
    explicit RandomSearch(Constraints constraints, int draws = 8, std::uint64_t seed = 0);
    [[nodiscard]] std::string kind() const override { return "random"; }

  private:
    [[nodiscard]] std::vector<Placement> list(const Constraints& constraints) const override;
    [[nodiscard]] nlohmann::json options() const override { return {{"draws", m_draws}, {"seed", m_seed}}; }
    void setOptions(const nlohmann::json& options) override;

    int m_draws;
    std::uint64_t m_seed;
};

/// The placements that a found one is shown against: "uniform", "last" and "random-1" to "random-8", each with `budget`
/// full layers. Fewer random ones where fewer different placements exist.
[[nodiscard]] std::vector<std::pair<std::string, Placement>> controls(int layers, int budget, std::uint64_t seed,
                                                                      const std::string& base = "jet");

}  // namespace airframe

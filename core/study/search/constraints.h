// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "core/study/placement.h"

namespace airframe {

struct Steering;

/// What every search obeys: how many full layers, which must be full, which must not.
struct Constraints {
    int layers = 0;            ///< of the model
    int budget = 0;            ///< full-attention layers wanted, pinned ones included
    int width = 4;             ///< candidates kept when a round closes
    std::string base = "jet";  ///< block of every layer that is not full
    std::set<int> pinned, forbidden;

    /// Throws Failure(bad_input, where the option, ...) when no placement can obey.
    void check() const;
    /// The constraints after a person's choice. Throws as check() does, for wrong layers and for placements of another
    /// length.
    [[nodiscard]] Constraints after(const Steering& steering) const;
    /// Why a placement is not allowed, as a cut reason: "forbidden layer", "pinned layer missing", "another block"; ""
    /// = allowed.
    [[nodiscard]] std::string violation(const Placement& placement) const;
    [[nodiscard]] Placement placement(const std::set<int>& full) const;

    [[nodiscard]] nlohmann::json json() const;
    [[nodiscard]] static Constraints from(const nlohmann::json& json);
};

}  // namespace airframe

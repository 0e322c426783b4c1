// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/study/placement.h"

namespace airframe {

/// One choice of a person about a running search; a value, logged in `control`, replayable. Unset fields change nothing.
struct Steering {
    std::vector<int> pin, unpin, forbid, unforbid;  ///< layers
    std::optional<int> width;                       ///< beams kept per round, from the next round on
    std::optional<int> budget;                      ///< full-attention layers wanted
    std::map<std::string, double> weights;          ///< task weights; re-ranks what is known, no evaluation repeated
    std::vector<Placement> add;                     ///< evaluate these next
    std::vector<Placement> drop;                    ///< take these out of the queue or out of the beam
    std::vector<Placement> order;                   ///< these first, in this order
    std::string reason;
    std::string who;  ///< as in the control row, for "dropped by NAME"; "" = a person

    /// Throws Failure(bad_input, "steering", ...) naming the field.
    [[nodiscard]] static Steering parse(const std::string& json, int layers);
    [[nodiscard]] std::string json() const;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/study/records.h"
#include "core/study/steering.h"

namespace airframe::ui {

/// What a person chose for a search: before it starts its options, while it runs what it should go by.
struct SearchChoices {
    std::set<int> pinned, forbidden;
    int budget = 6, width = 4;
    std::map<std::string, double> weights;  ///< per task; empty = all alike
    friend bool operator==(const SearchChoices&, const SearchChoices&) = default;
};

/// What a run goes by: its options and every consumed or waiting steering row, in order. Rows that cannot be read are
/// passed over (they belong to a newer version).
[[nodiscard]] SearchChoices choicesOf(const RunRow& run, const std::vector<ControlRow>& controls, int layers);

/// The steering that turns `from` into `to`; empty fields where nothing differs.
[[nodiscard]] Steering steeringBetween(const SearchChoices& from, const SearchChoices& to);

/// "pin 19, width 3 → 4": what a steering asks for, in words. "" if it asks for nothing.
[[nodiscard]] QString steeringText(const Steering& steering);

}  // namespace airframe::ui

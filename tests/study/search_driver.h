// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/study/search/search.h"
#include "core/study/steering.h"

namespace airframe::test {

using Score = std::function<double(const Placement&)>;
/// Steering by the number of scores told before it.
using Script = std::map<int, std::string>;

/// Tells at most `limit` scores (all when < 0), one at a time, steering as the script says; returns the count.
inline int drive(Search& search, const Score& score, const Script& script = {}, int layers = 0, int limit = -1,
                 int told = 0) {
    const int first = told;
    while (limit < 0 || told - first < limit) {
        if (const auto it = script.find(told); it != script.end()) search.apply(Steering::parse(it->second, layers));
        const std::vector<Ask> asks = search.next();
        if (asks.empty()) break;
        Told entry;
        entry.placement = asks.front().placement;
        entry.score = score(entry.placement);
        entry.low = entry.score - 0.1;
        entry.high = entry.score + 0.1;
        search.tell(entry);
        ++told;
    }
    return told - first;
}

/// All verdicts as text, to compare two runs.
inline std::string historyOf(const Search& search) {
    std::string out;
    for (const Verdict& v : search.verdicts())
        out += std::to_string(v.round) + " " + v.placement.text() + " " + std::to_string(v.score) +
               (v.kept ? " kept" : " " + v.cut_reason) + (v.scored ? "\n" : " unscored\n");
    for (const Told& told : search.best()) out += "best " + told.placement.text() + "\n";
    return out;
}

}  // namespace airframe::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/worth_measuring.h"

#include <algorithm>

#include "core/study/placement.h"

namespace airframe {
namespace {

constexpr int random_controls = 2;
constexpr std::size_t best_kept = 4;

}  // namespace

std::vector<std::string> worthMeasuring(const Study& study) {
    const int layers = study.model().layers;
    std::vector<std::string> list = {Placement::withFull(layers, {}).text(),
                                     Placement(std::vector<std::string>(static_cast<std::size_t>(layers), "attn")).text()};
    const auto add = [&](const std::string& placement) {
        if (std::find(list.begin(), list.end(), placement) == list.end()) list.push_back(placement);
    };
    for (const CandidateRow& candidate : study.candidates())
        if (candidate.starred) add(candidate.placement);
    std::vector<ProposalRow> kept;
    for (const auto& run : study.runs("search")) {
        int random = 0;
        for (const auto& p : study.proposals(run.id)) {
            if (p.state != "done") continue;
            if (p.origin != "control") kept.push_back(p);
            else if (!p.name.starts_with("random") || ++random <= random_controls) add(p.placement);
        }
    }
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
        return a.kept != b.kept ? a.kept : a.score > b.score;
    });
    const std::size_t wanted = list.size() + best_kept;
    for (std::size_t i = 0; i < kept.size() && list.size() < wanted; ++i) add(kept[i].placement);
    return list;
}

}  // namespace airframe

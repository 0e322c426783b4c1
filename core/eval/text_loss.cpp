// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/text_loss.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/eval/progress_meter.h"

namespace airframe {

TaskData textWindows(std::span<const std::int32_t> ids, int window) {
    if (ids.size() < 2)
        throw Failure(ErrorCode::bad_input, "text",
                      "has " + std::to_string(ids.size()) + " tokens, which predict nothing");
    TaskData data;
    data.task = "text";
    const auto step = static_cast<std::size_t>(window);
    for (std::size_t begin = 0; begin + 1 < ids.size(); begin += step) {
        const auto part = ids.subspan(begin, std::min(step, ids.size() - begin));
        Choice choice;
        choice.ids.assign(part.begin(), part.end());
        choice.scored = {{1, static_cast<int>(part.size())}};
        data.items.push_back({{std::move(choice)}});
    }
    data.hash = hashOf(data.items);
    return data;
}

std::vector<TextLoss> textLosses(const Scorer& scorer, const std::vector<Placement>& placements,
                                 const TaskData& windows, RunControl& control) {
    // A group of windows at a time: each group's result is whole, so memory stays small and progress is known.
    constexpr std::size_t group = 16;
    const std::size_t distinct = std::set<Placement>(placements.begin(), placements.end()).size();
    std::map<Placement, TextLoss> losses;
    ProgressMeter meter(control, "loss", "windows");
    meter.setTotal(static_cast<double>(windows.items.size()));
    for (std::size_t begin = 0; begin < windows.items.size(); begin += group) {
        TaskData part;
        part.task = windows.task;
        const auto first = windows.items.begin() + static_cast<std::ptrdiff_t>(begin);
        part.items.assign(first, first + static_cast<std::ptrdiff_t>(std::min(group, windows.items.size() - begin)));
        std::size_t finished = 0;
        scorer.score(placements, {&part}, control, [&](const Placement& placement, const ScoresPerTask& scores) {
            TextLoss& loss = losses[placement];
            for (const ItemScore& score : scores.front()) {
                loss.window_nll.push_back(score.nll);
                loss.window_tokens.push_back(score.tokens);
                loss.nll += score.nll * score.tokens;
                loss.tokens += score.tokens;
            }
            ++finished;
        });
        if (finished < distinct)
            throw Failure(
                ErrorCode::interrupted, "loss",
                "stopped after " + std::to_string(begin) + " of " + std::to_string(windows.items.size()) + " windows");
        for (std::size_t i = 0; i < part.items.size(); ++i) meter.finished(true);
    }
    std::vector<TextLoss> ordered;
    for (const Placement& placement : placements) {
        TextLoss loss = losses.at(placement);
        loss.nll /= static_cast<double>(loss.tokens);
        ordered.push_back(std::move(loss));
    }
    return ordered;
}

Interval lossGain(const TextLoss& a, const TextLoss& b, std::uint64_t seed) {
    if (a.window_tokens != b.window_tokens)
        throw Failure(ErrorCode::internal, "loss", "two placements were not measured on the same windows");
    std::size_t whole = a.window_nll.size();
    if (whole > 1 && a.window_tokens.back() < a.window_tokens.front()) --whole;
    return pairedDifference(std::span(b.window_nll).first(whole), std::span(a.window_nll).first(whole), seed);
}

}  // namespace airframe

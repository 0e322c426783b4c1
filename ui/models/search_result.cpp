// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/search_result.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/models/numbers.h"
#include "ui/models/score_book.h"
#include "ui/placement_text.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("SearchResult", text); }

/// uniform, last, random-1, random-2, ..., random-10.
std::pair<int, std::string> placeOf(const ProposalRow& row) {
    const int group = row.name == "uniform" ? 0 : row.name == "last" ? 1 : 2;
    return {group, std::string(row.name.size() < 10 ? 10 - row.name.size() : 0, ' ') + row.name};
}

}  // namespace

SearchResult searchResult(const SnapshotPtr& snapshot, std::int64_t run, const std::map<std::string, double>& weights,
                          const std::map<std::string, double>& run_weights) {
    SearchResult result;
    result.run = run;
    if (!snapshot) return result;
    const ScoreBook book(snapshot);
    std::map<std::string, Interval> rescored;
    result.reranked = weights != run_weights;
    if (result.reranked)
        for (const ProposalRow& row : snapshot->proposals)
            if (row.run_id == run)
                if (const auto gain = book.gain(row.placement, book.allLinear(), weights)) rescored[row.placement] = *gain;
    result.rounds = beamRounds(snapshot->proposals, run, rescored);
    if (result.rounds.best >= 0) {
        const BeamNode& node = result.rounds.nodes[static_cast<std::size_t>(result.rounds.best)];
        result.best = node.placement;
        result.lines.push_back({"", node.placement, true, {node.score, node.low, node.high}, {}, true});
    }
    std::vector<ProposalRow> controls;
    for (const ProposalRow& row : snapshot->proposals)
        if (row.run_id == run && row.origin == "control") controls.push_back(row);
    std::stable_sort(controls.begin(), controls.end(), [](const auto& a, const auto& b) { return placeOf(a) < placeOf(b); });
    for (const ProposalRow& row : controls) {
        ControlLine line{row.name, row.placement, row.state == "done", {row.score, row.low, row.high}, {}, false};
        if (const auto found = rescored.find(row.placement); found != rescored.end()) line.score = found->second;
        if (line.scored && !result.best.empty()) line.lead = book.gain(result.best, row.placement, weights);
        result.lines.push_back(std::move(line));
    }
    return result;
}

QString searchVerdict(const SearchResult& result) {
    if (result.best.empty()) return tr("No round of this search is finished yet.");
    const ControlLine& best = result.lines.front();
    QString text = tr("%1, %2 nats per token over all linear (95 % interval %3)")
                       .arg(placementName(QString::fromStdString(result.best)), signedFixed(best.score.mean),
                            intervalText(best.score.low, best.score.high));
    const auto uniform = std::find_if(result.lines.begin(), result.lines.end(), [](const ControlLine& line) { return line.name == "uniform"; });
    if (uniform == result.lines.end() || !uniform->lead) return text + tr("; not yet compared with uniform placement.");
    const Interval& lead = *uniform->lead;
    if (uniform->placement == result.best) return text + tr("; it is the uniform placement.");
    const QString range = intervalText(lead.low, lead.high);
    if (lead.low > 0) return text + tr("; beats uniform by %1 (%2), beyond the error of measurement.").arg(signedFixed(lead.mean), range);
    if (lead.high < 0) return text + tr("; loses to uniform by %1 (%2), beyond the error of measurement.").arg(fixed(-lead.mean), intervalText(-lead.high, -lead.low));
    return text + tr("; its lead over uniform of %1 (%2) is within the error of measurement.").arg(signedFixed(lead.mean), range);
}

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/beam_rounds.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <tuple>

#include "ui/models/numbers.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Beam", text); }

/// Place of a node in its column; smaller comes first.
std::tuple<int, double, int> order(const BeamNode& node) {
    if (node.kept) return {0, -node.score, 0};
    if (node.state == "running") return {1, 0, node.queue_pos};
    if (node.state == "done") return {2, -node.score, 0};  // before the queue, so that an open round shows its leaders
    if (node.state == "queued") return {3, 0, node.queue_pos};
    return {node.state == "failed" ? 4 : 5, 0, 0};
}

}  // namespace

BeamRounds beamRounds(const std::vector<ProposalRow>& proposals, std::int64_t run,
                      const std::map<std::string, Interval>& rescored) {
    BeamRounds rounds;
    std::map<int, BeamRounds::Column> columns;
    for (const ProposalRow& row : proposals) {
        if (row.run_id != run || row.origin == "control") continue;
        BeamNode node;
        node.placement = row.placement;
        node.parent = row.parent;
        node.round = row.round;
        node.origin = row.origin;
        node.state = row.state;
        node.cut_reason = row.cut_reason;
        node.kept = row.kept;
        node.queue_pos = row.queue_pos;
        node.scored = row.state == "done";
        node.full = fullLayerList(QString::fromStdString(row.placement));
        const auto parent_full = fullLayerList(QString::fromStdString(row.parent));
        std::set_difference(node.full.begin(), node.full.end(), parent_full.begin(), parent_full.end(),
                            std::back_inserter(node.added));
        Interval score{row.score, row.low, row.high};
        if (const auto found = rescored.find(row.placement); found != rescored.end()) score = found->second;
        if (node.scored) std::tie(node.score, node.low, node.high) = std::tie(score.mean, score.low, score.high);
        columns[row.round].round = row.round;
        columns[row.round].nodes.push_back(static_cast<int>(rounds.nodes.size()));
        rounds.nodes.push_back(std::move(node));
    }
    const auto at = [&](int i) -> BeamNode& { return rounds.nodes[static_cast<std::size_t>(i)]; };
    rounds.lowest = std::numeric_limits<double>::max();
    rounds.highest = std::numeric_limits<double>::lowest();
    const BeamRounds::Column* before = nullptr;
    for (auto& [number, column] : columns) {
        std::stable_sort(column.nodes.begin(), column.nodes.end(), [&](int a, int b) { return order(at(a)) < order(at(b)); });
        std::map<std::string, int> parents;
        if (before)
            for (const int j : before->nodes) parents[at(j).placement] = j;
        for (const int i : column.nodes) {
            if (const auto found = parents.find(at(i).parent); found != parents.end()) at(i).parent_node = found->second;
            if (!at(i).scored) continue;
            rounds.lowest = std::min(rounds.lowest, at(i).low);
            rounds.highest = std::max(rounds.highest, at(i).high);
        }
        std::vector<double> scores;
        for (const int i : column.nodes)
            if (at(i).scored) scores.push_back(at(i).score);
        std::sort(scores.begin(), scores.end(), std::greater<>());
        for (const int i : column.nodes)
            if (at(i).scored)
                at(i).rank = 1 + static_cast<int>(std::lower_bound(scores.begin(), scores.end(), at(i).score, std::greater<>()) -
                                                  scores.begin());
        if (!column.nodes.empty() && at(column.nodes.front()).kept) rounds.best = column.nodes.front();
        before = &column;
    }
    if (rounds.lowest > rounds.highest) rounds.lowest = rounds.highest = 0;
    if (rounds.best >= 0) at(rounds.best).best = true;
    for (auto& [number, column] : columns) rounds.columns.push_back(std::move(column));
    return rounds;
}

QString nodeLabel(const BeamNode& node) {
    const auto& layers = node.added.empty() ? node.full : node.added;
    if (layers.empty()) return tr("all linear");
    QStringList names;
    for (const int layer : layers) names << QString::number(layer);
    return QStringLiteral("+") + names.join(QStringLiteral(", "));
}

QString nodeFate(const BeamNode& node) {
    if (node.kept) return tr("kept");
    if (node.state == "queued") return tr("queued %1").arg(node.queue_pos);
    if (node.state == "running") return tr("running");
    if (node.state == "failed") return tr("failed");
    if (node.state == "dropped") return tr("dropped");
    return node.cut_reason.empty() ? tr("scored") : tr("cut: %1").arg(QString::fromStdString(node.cut_reason));
}

}  // namespace airframe::ui

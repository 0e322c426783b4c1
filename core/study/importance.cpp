// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/importance.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/study/evaluation_pairs.h"
#include "core/study/placement.h"
#include "core/study/statistics.h"

namespace airframe {
namespace {

constexpr std::uint64_t importance_seed = 0x6D6170;  // fixed: the same rows always draw the same intervals

/// Evaluations of one view and task over the same items: the base and the layers that were done.
struct Group {
    const EvaluationRow* base = nullptr;
    std::map<int, const EvaluationRow*> layers;
};

/// Newest evaluator, then the most layers, then the most items, then the latest.
auto worth(const Group& group) {
    return std::make_tuple(group.base->key.evaluator_version, group.layers.size(), group.base->items, group.base->id);
}

void addCells(const std::string& view, const Group& group, std::vector<ImportanceCell>& out) {
    const double sign = view == "one_full" ? 1 : -1;  // gain from the layer's attention, or loss without it
    std::vector<std::vector<double>> values;
    std::size_t items = group.base->scores.size();
    for (const auto& [layer, row] : group.layers) {
        std::vector<double> gains = itemGains(*group.base, *row);
        for (double& gain : gains) gain *= sign;
        items = std::min(items, gains.size());
        values.push_back(std::move(gains));
    }
    if (items == 0) return;
    for (auto& unit : values) unit.resize(items);
    const std::vector<RankInterval> ranks = rankIntervals(values, importance_seed);
    std::size_t unit = 0;
    for (const auto& [layer, row] : group.layers) {
        const Interval gain = bootstrapMean(values[unit], importance_seed);
        ImportanceCell cell;
        cell.view = view;
        cell.layer = layer;
        cell.task = row->key.task;
        cell.score = gain.mean;
        cell.low = gain.low;
        cell.high = gain.high;
        cell.rank = ranks[unit].rank;
        cell.rank_low = ranks[unit].low;
        cell.rank_high = ranks[unit].high;
        cell.items = static_cast<int>(items);
        out.push_back(std::move(cell));
        ++unit;
    }
}

}  // namespace

std::vector<ImportanceCell> importanceFrom(const std::vector<EvaluationRow>& evaluations, int layers,
                                           const std::string& base_block, const std::string& checkpoint_hash) {
    std::vector<ImportanceCell> out;
    std::vector<int> all;
    for (int layer = 0; layer < layers; ++layer) all.push_back(layer);
    for (const std::string view : {"one_full", "one_linear"}) {
        const bool one_full = view == "one_full";
        const Placement base = Placement::withFull(layers, one_full ? std::vector<int>{} : all, base_block);
        std::map<std::string, int> layer_of;
        for (int layer = 0; layer < layers; ++layer) {
            std::vector<std::string> blocks = base.blocks();
            blocks[static_cast<std::size_t>(layer)] = one_full ? "attn" : base_block;
            layer_of[Placement(std::move(blocks)).text()] = layer;
        }
        const std::string base_text = base.text();
        const auto current = [&](const EvaluationRow& row) {
            const bool teacher = row.key.placement == "attn*" + std::to_string(layers) || row.key.placement == "attn";
            return row.key.checkpoint_hash == (teacher ? std::string() : checkpoint_hash);
        };
        std::map<std::string, Group> best;  // by task
        for (const EvaluationRow& row : evaluations) {
            if (row.key.placement != base_text || !current(row)) continue;
            Group group{&row, {}};
            for (const EvaluationRow& other : evaluations) {
                if (!sameItems(row.key, other.key) || !current(other)) continue;
                if (const auto it = layer_of.find(other.key.placement); it != layer_of.end())
                    group.layers[it->second] = &other;
            }
            if (group.layers.empty()) continue;
            Group& slot = best[row.key.task];
            if (!slot.base || worth(group) > worth(slot)) slot = std::move(group);
        }
        for (const auto& [task, group] : best) addCells(view, group, out);
    }
    return out;
}

}  // namespace airframe

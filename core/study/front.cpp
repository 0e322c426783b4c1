// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <set>

#include "core/study/evaluation_pairs.h"
#include "core/study/objective.h"
#include "core/study/pareto.h"
#include "core/study/placement.h"

namespace airframe {
namespace {

constexpr std::uint64_t front_seed = 0x66726F6E74;  // fixed: the same rows always draw the same intervals

struct Measured {
    const MeasurementRow* row = nullptr;
    std::vector<EvaluationPair> pairs;
};

/// Teacher placements use no trained weights, so their rows carry no checkpoint.
std::string checkpointFor(const std::string& placement, const std::string& checkpoint_hash) {
    return Placement::parse(placement).allFull() ? std::string() : checkpoint_hash;
}

/// The latest measurement of each placement; only of the device, compute and thread count measured last, because speeds
/// of different machines say nothing beside each other.
std::map<std::string, const MeasurementRow*> latestMeasurements(const std::vector<MeasurementRow>& rows,
                                                                const std::string& checkpoint_hash, int context,
                                                                int batch) {
    const auto wanted = [&](const MeasurementRow& row) {
        return row.context == context && row.batch == batch && row.fits && std::isfinite(row.decode_tps.median) &&
               row.checkpoint_hash == checkpointFor(row.placement, checkpoint_hash);
    };
    const MeasurementRow* last = nullptr;
    for (const MeasurementRow& row : rows)
        if (wanted(row) && (!last || row.id > last->id)) last = &row;
    std::map<std::string, const MeasurementRow*> out;
    for (const MeasurementRow& row : rows) {
        if (!wanted(row) || row.device != last->device || row.compute != last->compute || row.threads != last->threads)
            continue;
        const MeasurementRow*& slot = out[row.placement];
        if (!slot || row.id > slot->id) slot = &row;
    }
    return out;
}

/// Points are comparable only over the same tasks: those that all have; where there is none, the one that most have.
std::set<std::string> commonTasks(const std::map<std::string, Measured>& points) {
    std::map<std::string, std::size_t> count;
    for (const auto& [placement, point] : points)
        for (const EvaluationPair& pair : point.pairs) ++count[pair.base->key.task];
    std::set<std::string> out;
    for (const auto& [task, n] : count)
        if (n == points.size()) out.insert(task);
    if (!out.empty() || count.empty()) return out;
    return {std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) {
                return a.second < b.second;
            })->first};
}

void markFront(std::vector<FrontPoint>& points, bool by_cache) {
    std::vector<ParetoPoint> compared;
    for (const FrontPoint& point : points) {
        ParetoPoint p;
        const double bytes = -static_cast<double>(point.cache_bytes);  // fewer is better
        p.x = by_cache ? bytes : point.decode_tps.median;
        p.x_low = by_cache ? bytes : point.decode_tps.q1;
        p.x_high = by_cache ? bytes : point.decode_tps.q3;
        p.y = point.score;
        p.y_low = point.low;
        p.y_high = point.high;
        compared.push_back(p);
    }
    const ParetoResult result = pareto(compared);
    for (std::size_t i = 0; i < points.size(); ++i) {
        points[i].on_front = result.on_front[i];
        points[i].dominated_beyond_error = result.dominated_beyond_error[i];
    }
}

}  // namespace

std::vector<FrontPoint> frontFrom(const std::vector<EvaluationRow>& evaluations,
                                  const std::vector<MeasurementRow>& measurements,
                                  const std::vector<ProposalRow>& controls,
                                  const std::map<std::string, double>& weights, const std::string& base,
                                  const std::string& checkpoint_hash, int context, int batch, bool by_cache) {
    std::map<std::string, std::vector<const EvaluationRow*>> by_placement;
    for (const EvaluationRow& row : evaluations)
        if (row.key.checkpoint_hash == checkpointFor(row.key.placement, checkpoint_hash))
            by_placement[row.key.placement].push_back(&row);
    const std::vector<const EvaluationRow*>& base_rows = by_placement[base];

    std::map<std::string, Measured> points;
    for (const auto& [placement, row] : latestMeasurements(measurements, checkpoint_hash, context, batch)) {
        Measured point{row, pairedByTask(base_rows, by_placement[placement])};
        if (!point.pairs.empty()) points[placement] = std::move(point);
    }
    const std::set<std::string> tasks = commonTasks(points);

    std::vector<FrontPoint> out;
    for (const auto& [placement, point] : points) {
        std::vector<EvaluationRow> bases, others;
        int items = 0;
        for (const EvaluationPair& pair : point.pairs) {
            if (!tasks.contains(pair.base->key.task)) continue;
            bases.push_back(*pair.base);
            others.push_back(*pair.other);
            items += pair.other->items;
        }
        if (bases.empty()) continue;
        const Interval gain = gainOver(bases, others, weights, front_seed);
        FrontPoint p;
        p.placement = placement;
        for (const ProposalRow& control : controls)
            if (control.placement == placement && !control.name.empty()) p.name = control.name;
        p.score = gain.mean;
        p.low = gain.low;
        p.high = gain.high;
        p.decode_tps = point.row->decode_tps;
        p.cache_bytes = point.row->cache_bytes;
        p.context = context;
        p.batch = batch;
        p.items = items;
        out.push_back(std::move(p));
    }
    markFront(out, by_cache);
    return out;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/front_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/study/placement.h"
#include "ui/models/score_book.h"

namespace airframe::ui {

namespace {

FrontData::Kind kindOf(const FrontPoint& point) {
    using Kind = FrontData::Kind;
    if (point.name == "uniform") return Kind::uniform;
    if (point.name == "last") return Kind::last;
    if (point.name.rfind("random", 0) == 0) return Kind::random;
    if (point.placement.find("attn") == std::string::npos) return Kind::all_linear;
    // Only the teacher is one run of one block.
    const bool one_run = point.placement.find(',') == std::string::npos;
    return one_run ? Kind::teacher : Kind::search;
}

}  // namespace

std::vector<MeasurementSet> measurementSets(const StudySnapshot& snapshot) {
    std::vector<MeasurementSet> sets;
    std::vector<std::set<std::string>> measured, failed;
    // Of a set only the rows count that the front shows: those measured like the newest one.
    const auto newest = [&](const MeasurementRow& row) -> const MeasurementRow& {
        const MeasurementRow* last = &row;
        for (const MeasurementRow& other : snapshot.measurements)
            if (other.device == row.device && other.context == row.context && other.batch == row.batch && other.id > last->id) last = &other;
        return *last;
    };
    for (const MeasurementRow& row : snapshot.measurements) {
        const MeasurementRow& last = newest(row);
        if (row.compute != last.compute || row.threads != last.threads) continue;
        const MeasurementSet key{row.device, row.context, row.batch, 0, 0};
        auto found = std::find(sets.begin(), sets.end(), key);
        if (found == sets.end()) {
            sets.push_back(key);
            measured.emplace_back();
            failed.emplace_back();
            found = sets.end() - 1;
        }
        const auto i = static_cast<std::size_t>(found - sets.begin());
        (row.fits ? measured : failed)[i].insert(row.placement);
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
        sets[i].placements = static_cast<int>(measured[i].size());
        sets[i].not_fitting = static_cast<int>(failed[i].size());
    }
    std::stable_sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) { return a.placements > b.placements; });
    return sets;
}

int FrontData::indexOf(const std::string& placement) const {
    const auto found = std::find_if(points.begin(), points.end(), [&](const FrontPoint& point) { return point.placement == placement; });
    return found == points.end() ? -1 : static_cast<int>(found - points.begin());
}

std::vector<int> FrontData::along() const {
    std::vector<int> indices;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].on_front) indices.push_back(static_cast<int>(i));
    const auto x = [&](int i) {
        const FrontPoint& point = points[static_cast<std::size_t>(i)];
        return by_cache ? static_cast<double>(point.cache_bytes) : point.decode_tps.median;
    };
    std::sort(indices.begin(), indices.end(), [&](int a, int b) { return x(a) < x(b); });
    return indices;
}

int FrontData::notDominated() const {
    return static_cast<int>(std::count_if(points.begin(), points.end(),
                                          [](const FrontPoint& point) { return !point.dominated_beyond_error; }));
}

FrontData frontDataFrom(std::vector<FrontPoint> points, const MeasurementSet& set, bool by_cache) {
    FrontData data;
    data.points = std::move(points);
    data.set = set;
    data.by_cache = by_cache;
    data.base_loss = std::numeric_limits<double>::quiet_NaN();
    std::vector<ParetoPoint> plain;
    plain.reserve(data.points.size());
    for (const FrontPoint& point : data.points) {
        data.kinds.push_back(kindOf(point));
        const double bytes = -static_cast<double>(point.cache_bytes);  // fewer is better
        plain.push_back(by_cache ? ParetoPoint{bytes, bytes, bytes, point.score, point.low, point.high}
                                 : ParetoPoint{point.decode_tps.median, point.decode_tps.q1, point.decode_tps.q3,
                                               point.score, point.low, point.high});
    }
    if (!plain.empty()) data.pareto = pareto(plain);
    return data;
}

FrontData frontData(const SnapshotPtr& snapshot, const MeasurementSet& set, bool by_cache,
                    const std::map<std::string, double>& weights) {
    if (!snapshot || snapshot->model.layers <= 0) return frontDataFrom({}, set, by_cache);
    std::vector<MeasurementRow> measurements;
    for (const MeasurementRow& row : snapshot->measurements)
        if (row.fits && row.device == set.device) measurements.push_back(row);
    std::vector<ProposalRow> controls;
    for (const ProposalRow& row : snapshot->proposals)
        if (row.origin == "control") controls.push_back(row);
    const ScoreBook book(snapshot);
    FrontData data = frontDataFrom(frontFrom(snapshot->evaluations, measurements, controls, weights, book.allLinear(),
                                             snapshot->checkpoint_hash, set.context, set.batch, by_cache), set, by_cache);
    data.base_loss = book.loss(book.allLinear(), weights).value_or(std::numeric_limits<double>::quiet_NaN());
    return data;
}

}  // namespace airframe::ui

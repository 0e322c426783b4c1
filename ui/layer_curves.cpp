// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layer_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace airframe::ui {

namespace {

QList<QPointF> thinned(const QList<QPointF>& points, int most) {
    if (points.size() <= most) return points;
    QList<QPointF> kept;
    kept.reserve(most);
    for (int i = 1; i <= most; ++i) kept << points[points.size() * i / most - 1];
    return kept;
}

}  // namespace

std::vector<Curve> lossCurves(const StudySnapshot& snapshot, std::int64_t run, int most_points) {
    std::map<int, QList<QPointF>> by_layer;
    std::map<std::int64_t, std::pair<double, int>> sums;
    for (const SampleRow& sample : snapshot.samples) {
        if (sample.run_id != run || sample.name != "loss") continue;
        by_layer[sample.layer] << QPointF(static_cast<double>(sample.step), sample.value);
        if (sample.layer < 0) continue;
        auto& [sum, count] = sums[sample.step];
        sum += sample.value;
        ++count;
    }
    if (!by_layer.count(-1)) {
        for (const auto& [step, sum] : sums)
            by_layer[-1] << QPointF(static_cast<double>(step), sum.first / sum.second);
    }
    std::vector<Curve> curves;
    for (auto& [layer, points] : by_layer) {
        std::sort(points.begin(), points.end(), [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); });
        curves.push_back({layer, thinned(points, most_points)});
    }
    // The mean is drawn last, over the layers.
    if (curves.size() > 1) std::rotate(curves.begin(), curves.begin() + 1, curves.end());
    return curves;
}

std::vector<double> heldOutErrors(const StudySnapshot& snapshot, std::int64_t run) {
    std::vector<double> errors;
    std::vector<std::int64_t> steps;
    for (const SampleRow& sample : snapshot.samples) {
        if (sample.run_id != run || sample.name != "heldout" || sample.layer < 0) continue;
        const auto layer = static_cast<std::size_t>(sample.layer);
        if (errors.size() <= layer) {
            errors.resize(layer + 1, std::numeric_limits<double>::quiet_NaN());
            steps.resize(layer + 1, -1);
        }
        if (sample.step < steps[layer]) continue;
        errors[layer] = sample.value;
        steps[layer] = sample.step;
    }
    return errors;
}

double latestValue(const StudySnapshot& snapshot, std::int64_t run, const std::string& name) {
    double value = std::numeric_limits<double>::quiet_NaN();
    for (const SampleRow& sample : snapshot.samples)
        if (sample.run_id == run && sample.name == name && sample.layer < 0) value = sample.value;
    return value;
}

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/study/records.h"
#include "core/study/statistics.h"

namespace airframe {

/// Scores of a placement under a weighting of tasks, derived from raw per-item evaluations, so that a new weighting
/// costs nothing. Paired against the base placement on the same items: mean over tasks (by weight; a task that `weights`
/// does not name weighs 1, so none named = all equal; all 0 throws Failure(bad_input, "weights", ...)) of the
/// mean over items of nll(base) - nll(placement). Higher is better.
/// `evaluations` and `base`: at most one row per task, with items; only tasks in both count, none in both throws
/// Failure(internal).
[[nodiscard]] Interval gainOver(const std::vector<EvaluationRow>& base, const std::vector<EvaluationRow>& evaluations,
                                const std::map<std::string, double>& weights, std::uint64_t seed);

/// One point of a front: a placement with its paired gain and its speed.
struct FrontPoint {
    std::string placement, name;          ///< name of a control, or ""
    double score = 0, low = 0, high = 0;  ///< gain over the all-linear base, nats per token
    MeasurementRow::Spread decode_tps;
    std::int64_t cache_bytes = 0;
    int context = 0, batch = 0, items = 0;
    bool on_front = false;
    bool dominated_beyond_error = false;
};

/// Joins measurements (one context and batch) with scores and marks the front: score against decode speed, or against
/// smaller caches when `by_cache`. Placements without both are left out, and so are measurements of another device, compute
/// or thread count than the latest one's. All points are scored over the tasks that they share.
[[nodiscard]] std::vector<FrontPoint> frontFrom(const std::vector<EvaluationRow>& evaluations,
                                                const std::vector<MeasurementRow>& measurements,
                                                const std::vector<ProposalRow>& controls,
                                                const std::map<std::string, double>& weights, const std::string& base,
                                                const std::string& checkpoint_hash, int context, int batch, bool by_cache);

}  // namespace airframe

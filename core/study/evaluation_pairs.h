// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/study/records.h"

namespace airframe {

/// Two evaluations of one task on the same items: task, data, seed, compute, model and evaluator version agree.
struct EvaluationPair {
    const EvaluationRow* base = nullptr;
    const EvaluationRow* other = nullptr;
};

/// True when the two are of the same items scored the same way, so that a paired difference has a meaning.
[[nodiscard]] bool sameItems(const EvaluationKey& a, const EvaluationKey& b);

/// One pair per task that both sides have, in task order. Where several would do: the newest evaluator version, then
/// the most items, then the latest row. Points into the arguments.
[[nodiscard]] std::vector<EvaluationPair> pairedByTask(const std::vector<const EvaluationRow*>& base,
                                                       const std::vector<const EvaluationRow*>& others);

/// nll(base) - nll(other) of every item in both, in the base's item order: positive where the other is better.
[[nodiscard]] std::vector<double> itemGains(const EvaluationRow& base, const EvaluationRow& other);

}  // namespace airframe

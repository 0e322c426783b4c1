// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/objective.h"

#include "core/base/error.h"
#include "core/study/evaluation_pairs.h"

namespace airframe {
namespace {

std::vector<const EvaluationRow*> pointers(const std::vector<EvaluationRow>& rows) {
    std::vector<const EvaluationRow*> out;
    for (const EvaluationRow& row : rows) out.push_back(&row);
    return out;
}

}  // namespace

Interval gainOver(const std::vector<EvaluationRow>& base, const std::vector<EvaluationRow>& evaluations,
                  const std::map<std::string, double>& weights, std::uint64_t seed) {
    std::vector<std::vector<double>> values;
    std::vector<double> shares;
    for (const EvaluationPair& pair : pairedByTask(pointers(base), pointers(evaluations))) {
        std::vector<double> gains = itemGains(*pair.base, *pair.other);
        if (gains.empty()) continue;
        const auto weight = weights.find(pair.base->key.task);
        shares.push_back(weight == weights.end() ? 1.0 : weight->second);
        values.push_back(std::move(gains));
    }
    if (values.empty())
        throw Failure(ErrorCode::internal, "objective", "the placement and its base share no task with the same items");
    double total = 0;
    for (const double share : shares) total += share;
    if (!(total > 0))
        throw Failure(ErrorCode::bad_input, "weights", "every task that was evaluated has weight 0",
                      "give one of them a weight above 0");
    return bootstrapWeighted(values, shares, seed);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/evaluation_pairs.h"

#include <map>
#include <tuple>
#include <unordered_map>

namespace airframe {

bool sameItems(const EvaluationKey& a, const EvaluationKey& b) {
    return a.task == b.task && a.data_hash == b.data_hash && a.seed == b.seed && a.compute == b.compute &&
           a.model_hash == b.model_hash && a.evaluator_version == b.evaluator_version;
}

std::vector<EvaluationPair> pairedByTask(const std::vector<const EvaluationRow*>& base,
                                         const std::vector<const EvaluationRow*>& others) {
    const auto worth = [](const EvaluationPair& pair) {
        return std::make_tuple(pair.other->key.evaluator_version, pair.other->items, pair.other->id, pair.base->id);
    };
    std::map<std::string, EvaluationPair> best;
    for (const EvaluationRow* a : base) {
        for (const EvaluationRow* b : others) {
            if (!sameItems(a->key, b->key)) continue;
            EvaluationPair& slot = best[a->key.task];
            const EvaluationPair pair{a, b};
            if (!slot.base || worth(pair) > worth(slot)) slot = pair;
        }
    }
    std::vector<EvaluationPair> out;
    for (const auto& [task, pair] : best) out.push_back(pair);
    return out;
}

std::vector<double> itemGains(const EvaluationRow& base, const EvaluationRow& other) {
    std::unordered_map<int, double> nll;
    for (const ItemScore& score : other.scores) nll[score.item] = score.nll;
    std::vector<double> out;
    out.reserve(base.scores.size());
    for (const ItemScore& score : base.scores)
        if (const auto it = nll.find(score.item); it != nll.end()) out.push_back(score.nll - it->second);
    return out;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/score_book.h"

#include <algorithm>

#include "core/study/objective.h"
#include "core/study/placement.h"
#include "ui/models/task_names.h"

namespace airframe::ui {

namespace {

bool sameItems(const EvaluationKey& a, const EvaluationKey& b) {
    return a.task == b.task && a.data_hash == b.data_hash && a.seed == b.seed && a.compute == b.compute &&
           a.evaluator_version == b.evaluator_version;
}

double weightOf(const ScoreBook::Weights& weights, const std::string& task) {
    if (weights.empty()) return 1;
    const auto found = weights.find(task);
    return found == weights.end() ? 0 : found->second;
}

}  // namespace

ScoreBook::ScoreBook(SnapshotPtr snapshot) : m_snapshot(std::move(snapshot)) {
    if (!m_snapshot || m_snapshot->model.layers <= 0) return;
    const int layers = m_snapshot->model.layers;
    const std::string block = m_snapshot->checkpoints.empty() ? "jet" : m_snapshot->checkpoints.back().block;
    m_linear = Placement::withFull(layers, {}, block).text();
    m_teacher = Placement(std::vector<std::string>(static_cast<std::size_t>(layers), "attn")).text();
    for (const EvaluationRow& row : m_snapshot->evaluations) {
        const bool current = row.key.checkpoint_hash == m_snapshot->checkpoint_hash || row.key.placement == m_teacher;
        if (current && row.key.model_hash == m_snapshot->model.hash) m_rows[row.key.placement].push_back(&row);
    }
}

std::vector<std::string> ScoreBook::tasks(const std::string& placement) const {
    std::vector<std::string> ids;
    if (const auto found = m_rows.find(placement); found != m_rows.end())
        for (const EvaluationRow* row : found->second) ids.push_back(row->key.task);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return inTaskOrder(std::move(ids));
}

std::optional<Interval> ScoreBook::gain(const std::string& placement, const std::string& base,
                                        const Weights& weights) const {
    const auto mine = m_rows.find(placement), theirs = m_rows.find(base);
    if (mine == m_rows.end() || theirs == m_rows.end()) return {};
    std::map<std::string, std::pair<const EvaluationRow*, const EvaluationRow*>> pairs;  // by task; later ones win
    for (const EvaluationRow* row : mine->second)
        for (const EvaluationRow* other : theirs->second)
            if (sameItems(row->key, other->key) && weightOf(weights, row->key.task) > 0)
                pairs[row->key.task] = {row, other};
    if (pairs.empty()) return {};
    std::vector<EvaluationRow> rows, bases;
    for (const auto& [task, pair] : pairs) {
        rows.push_back(*pair.first);
        bases.push_back(*pair.second);
    }
    return gainOver(bases, rows, weights, 0);
}

std::optional<double> ScoreBook::loss(const std::string& placement, const Weights& weights) const {
    double sum = 0, total = 0;
    for (const std::string& task : tasks(placement)) {
        const double weight = weightOf(weights, task);
        sum += weight * row(placement, task)->nll;
        total += weight;
    }
    if (total <= 0) return {};
    return sum / total;
}

const EvaluationRow* ScoreBook::row(const std::string& placement, const std::string& task) const {
    const auto found = m_rows.find(placement);
    if (found == m_rows.end()) return nullptr;
    const EvaluationRow* last = nullptr;
    for (const EvaluationRow* row : found->second)
        if (row->key.task == task) last = row;
    return last;
}

}  // namespace airframe::ui

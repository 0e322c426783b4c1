// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/evaluation_run.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/eval/evaluator_version.h"
#include "core/study/study.h"

namespace airframe {
namespace {

std::int64_t now() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

EvaluationRun::EvaluationRun(Study& study, std::int64_t run, const Scorer& scorer, std::vector<TaskData> tasks)
    : m_study(study), m_run(run), m_scorer(scorer), m_tasks(std::move(tasks)), m_model_hash(study.model().hash) {
    if (m_tasks.empty()) throw Failure(ErrorCode::options, "tasks", "at least one task is needed");
    std::set<std::string> names;
    for (const TaskData& task : m_tasks)
        if (!names.insert(task.task).second)
            throw Failure(ErrorCode::options, "task " + task.task, "is given twice", "name each task once");
    for (const SampleRow& sample : study.samples(run)) {
        if (sample.name == "layer_tokens") m_cost.layer_tokens = static_cast<std::int64_t>(sample.value);
        if (sample.name == "layer_tokens_whole") m_cost.layer_tokens_whole = static_cast<std::int64_t>(sample.value);
    }
}

EvaluationKey EvaluationRun::key(const Placement& placement, const TaskData& task) const {
    return {placement.text(), m_model_hash,     placement.allFull() ? std::string() : m_scorer.checkpoint_hash,
            task.task,        task.hash,        m_scorer.compute,
            task.seed,        evaluator_version};
}

std::vector<std::size_t> EvaluationRun::lacking(const Placement& placement) {
    if (m_rows.contains(placement)) return {};
    std::vector<std::size_t> lacking;
    std::vector<EvaluationRow> rows;
    for (std::size_t t = 0; t < m_tasks.size(); ++t) {
        auto row = m_study.findEvaluation(key(placement, m_tasks[t]));
        if (row)
            rows.push_back(std::move(*row));
        else
            lacking.push_back(t);
    }
    if (lacking.empty()) m_rows.emplace(placement, std::move(rows));
    return lacking;
}

std::int64_t EvaluationRun::missing(const std::vector<Placement>& placements) const {
    return std::count_if(placements.begin(), placements.end(), [this](const Placement& placement) {
        return !m_rows.contains(placement) && std::any_of(m_tasks.begin(), m_tasks.end(), [&](const TaskData& task) {
            return !m_study.findEvaluation(key(placement, task), false);
        });
    });
}

bool EvaluationRun::evaluate(const std::vector<Placement>& placements, RunControl& control, const Finished& finished) {
    std::map<std::vector<std::size_t>, std::vector<Placement>> groups;  // by the tasks that are lacking
    const std::set<Placement> distinct(placements.begin(), placements.end());
    for (const Placement& placement : distinct) {
        auto tasks = lacking(placement);
        if (tasks.empty()) {
            if (finished) finished(placement, false);
        } else {
            groups[std::move(tasks)].push_back(placement);
        }
    }
    for (const auto& [lacked, group] : groups) {
        if (!control.checkpoint()) return false;
        TaskList tasks;
        for (const std::size_t t : lacked) tasks.push_back(&m_tasks[t]);
        std::size_t complete = 0;
        auto last = std::chrono::steady_clock::now();
        m_cost += m_scorer.score(group, tasks, control, [&](const Placement& placement, ScoresPerTask scores) {
            const auto time = std::chrono::steady_clock::now();
            store(placement, tasks, std::move(scores), std::chrono::duration<double>(time - last).count());
            last = time;
            ++complete;
            control.changed({"evaluation", "candidate"});
            if (finished) finished(placement, true);
        });
        saveCost();
        if (complete < group.size()) return false;
    }
    return true;
}

void EvaluationRun::store(const Placement& placement, const TaskList& tasks, ScoresPerTask scores, double seconds) {
    static_cast<void>(m_study.candidate(placement.text()));
    // The time of a walk belongs to its tasks by their share of the tokens.
    const auto total =
        std::accumulate(tasks.begin(), tasks.end(), std::int64_t{0},
                        [](std::int64_t sum, const TaskData* task) { return sum + task->totalTokens(); });
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        EvaluationRow row;
        row.run_id = m_run;
        row.key = key(placement, *tasks[t]);
        row.scores = std::move(scores[t]);
        row.items = static_cast<int>(row.scores.size());
        for (const ItemScore& score : row.scores) {
            row.nll += score.nll / row.items;
            row.margin += score.margin / row.items;
            row.tokens += score.tokens;
        }
        row.seconds = seconds * static_cast<double>(tasks[t]->totalTokens()) / static_cast<double>(total);
        row.created = now();
        m_study.addEvaluation(row);
    }
    if (!lacking(placement).empty())
        throw Failure(ErrorCode::internal, placement.text(), "its scores were stored and are not found again");
}

void EvaluationRun::saveCost() {
    const auto step = static_cast<std::int64_t>(m_rows.size());
    m_study.addSamples(
        {{0, m_run, step, "layer_tokens", -1, static_cast<double>(m_cost.layer_tokens), now()},
         {0, m_run, step, "layer_tokens_whole", -1, static_cast<double>(m_cost.layer_tokens_whole), now()}});
}

const std::vector<EvaluationRow>& EvaluationRun::rows(const Placement& placement) const {
    const auto found = m_rows.find(placement);
    if (found == m_rows.end())
        throw Failure(ErrorCode::internal, placement.text(), "has not been evaluated in this run");
    return found->second;
}

}  // namespace airframe

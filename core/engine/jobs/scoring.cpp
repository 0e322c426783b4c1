// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/scoring.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/supernet/heldout.h"

namespace airframe {
namespace {
/// Those that a model of the demo's size answers above chance, so that layers can be told apart.
const std::vector<std::string> default_tasks = {"language", "kv", "copy", "induction"};
}  // namespace

std::vector<OptionSpec> scoringOptions() {
    OptionSpec tasks = tasksOption();
    tasks.help += "; default language,kv,copy,induction unless --task-file is given";
    return {tasks,
            {.name = "task-file", .kind = OptionKind::texts, .help = "JSONL files of items"},
            {.name = "items", .kind = OptionKind::integer, .help = "items per task; default: each task's own", .low = 1, .high = 1e6},
            {.name = "task-seed", .kind = OptionKind::integer, .help = "of the generated items", .fallback = 0, .low = 0, .high = 9e15}};
}

std::vector<TaskData> scoringTasks(const Params& params, const Study& study, const Tokenizer& tokenizer) {
    std::vector<std::string> ids = params.words("tasks");
    const auto files = params.paths("task-file");
    if (ids.empty() && files.empty()) ids = default_tasks;
    const int items = params.has("items") ? params.small("items") : 0;
    for (const auto& id : ids) static_cast<void>(findTask(id));  // a wrong name is told before items are made
    std::vector<TaskData> list;
    TaskSource source{.tokenizer = tokenizer, .seed = params.integer("task-seed"), .items = items, .heldout = {}};
    if (std::find(ids.begin(), ids.end(), "language") != ids.end()) source.heldout = heldoutTokens(study);
    for (const auto& id : ids) list.push_back(findTask(id).make(source));
    for (const auto& file : files) list.push_back(loadTaskFile(file, tokenizer, items));
    return list;
}

nlohmann::json taskCounts(const std::vector<TaskData>& tasks) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& task : tasks) list.push_back({{"task", task.task}, {"items", task.items.size()}, {"tokens", task.scoredTokens()}});
    return list;
}

void needTraining(const Study& study) {
    if (study.latestCheckpoint()) return;
    throw Failure(ErrorCode::bad_input, study.path().string(), "holds no trained linear block yet", "run 'airframe-engine train' first");
}

}  // namespace airframe

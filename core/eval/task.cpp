// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/task.h"

#include <algorithm>
#include <span>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/eval/generated_tasks.h"

namespace airframe {

int Choice::scoredTokens() const {
    int n = 0;
    for (const ScoredRange& range : scored) n += range.end - range.begin;
    return n;
}

std::int64_t TaskData::scoredTokens() const {
    std::int64_t n = 0;
    for (const Item& item : items) n += item.choices.front().scoredTokens();
    return n;
}

std::int64_t TaskData::totalTokens() const {
    std::int64_t n = 0;
    for (const Item& item : items) n += static_cast<std::int64_t>(item.choices.front().ids.size());
    return n;
}

std::string hashOf(const std::vector<Item>& items) {
    // Every list is preceded by its length, so that no two different items give the same numbers. Little-endian order
    // of the bytes is written out, so that a study can be read on another machine.
    std::string bytes;
    const auto put = [&bytes](std::int64_t value) {
        for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>((value >> shift) & 0xff));
    };
    put(static_cast<std::int64_t>(items.size()));
    for (const Item& item : items) {
        put(static_cast<std::int64_t>(item.choices.size()));
        for (const Choice& choice : item.choices) {
            put(static_cast<std::int64_t>(choice.ids.size()));
            for (const std::int32_t id : choice.ids) put(id);
            put(static_cast<std::int64_t>(choice.scored.size()));
            for (const ScoredRange& range : choice.scored) put(range.begin), put(range.end);
            put(static_cast<std::int64_t>(choice.targets.size()));
            for (const std::int32_t id : choice.targets) put(id);
        }
    }
    return sha256(bytes);
}

const std::vector<TaskType>& taskTable() {
    static const std::vector<TaskType> table = {
        languageTask(), kvTask(),        phonebookTask(),  needleTask(),
        copyTask(),     inductionTask(), arithmeticTask(), lettersTask(),
    };
    return table;
}

const TaskType& findTask(const std::string& id) {
    const auto& table = taskTable();
    const auto found = std::find_if(table.begin(), table.end(), [&](const TaskType& task) { return task.id == id; });
    if (found != table.end()) return *found;
    std::string known;
    for (const TaskType& task : table) known += (known.empty() ? "" : " ") + task.id;
    throw Failure(ErrorCode::bad_input, "task " + id, "there is no task of this name", "known tasks: " + known);
}

}  // namespace airframe

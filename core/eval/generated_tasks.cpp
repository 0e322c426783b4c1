// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/generated_tasks.h"

#include <utility>

namespace airframe {

TaskType generatedTask(TaskType type, std::function<TaskData(const TaskSource&)> make) {
    type.make = [id = type.id, wanted = type.default_items, make = std::move(make)](const TaskSource& source) {
        TaskSource settled = source;
        if (settled.items <= 0) settled.items = wanted;
        TaskData data = make(settled);
        data.task = id;
        data.seed = source.seed;
        data.hash = hashOf(data.items);
        return data;
    };
    return type;
}

TaskType generatedTask(TaskType type, std::function<Item(const Tokenizer&, TaskRandom&)> make) {
    const std::string id = type.id;
    return generatedTask(std::move(type), [id, make = std::move(make)](const TaskSource& source) {
        TaskData data;
        for (int i = 0; i < source.items; ++i) {
            TaskRandom random(id, source.seed, i);
            data.items.push_back(make(source.tokenizer, random));
        }
        return data;
    });
}

}  // namespace airframe

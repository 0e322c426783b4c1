// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/task.h"
#include "core/eval/task_random.h"

namespace airframe {

// One function per generated task, each in the file of its name; taskTable() lists them.
// Every item is drawn from a generator seeded by (task, seed, index of the item), so that the first n items are the
// same whatever number is asked for: a longer evaluation contains the shorter one.

[[nodiscard]] TaskType languageTask();
[[nodiscard]] TaskType kvTask();
[[nodiscard]] TaskType phonebookTask();
[[nodiscard]] TaskType needleTask();
[[nodiscard]] TaskType copyTask();
[[nodiscard]] TaskType inductionTask();
[[nodiscard]] TaskType arithmeticTask();
[[nodiscard]] TaskType lettersTask();

/// Completes a row of the table: `type.make` calls `make` with the number of items settled, then sets name, seed, hash.
[[nodiscard]] TaskType generatedTask(TaskType type, std::function<TaskData(const TaskSource&)> make);
/// The same for tasks whose items are independent: `make` draws one from its own stream of random numbers.
[[nodiscard]] TaskType generatedTask(TaskType type, std::function<Item(const Tokenizer&, TaskRandom&)> make);

}  // namespace airframe

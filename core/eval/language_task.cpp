// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <numeric>

#include "core/base/error.h"
#include "core/eval/generated_tasks.h"
#include "core/eval/task_random.h"

namespace airframe {
namespace {

// Every token but the first is scored, so 16 windows give 1,136 scored tokens for 1,152 computed ones. Longer windows
// would show more of what attention at a distance is for, at a proportional cost per placement.
constexpr std::size_t window = 72;

TaskData make(const TaskSource& source) {
    const std::size_t windows = source.heldout.size() / window;
    if (windows == 0)
        throw Failure(ErrorCode::bad_input, "task language",
                      "needs at least " + std::to_string(window) + " tokens of held-out text, found " +
                          std::to_string(source.heldout.size()),
                      "train with more text, or leave the task out");
    // Windows are disjoint; which ones are taken depends on the seed alone, in an order of which every count is a
    // prefix.
    std::vector<std::size_t> order(windows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    TaskRandom random("language", source.seed, 0);
    random.shuffle(order);
    order.resize(std::min(windows, static_cast<std::size_t>(source.items)));

    TaskData data;
    for (const std::size_t index : order) {
        const auto begin = source.heldout.begin() + static_cast<std::ptrdiff_t>(index * window);
        Choice choice;
        choice.ids.assign(begin, begin + window);
        choice.scored = {{1, static_cast<int>(window)}};
        data.items.push_back({{std::move(choice)}});
    }
    return data;
}

}  // namespace

/// Language: the plain loss on text that was not trained on. Measures everything at once and nothing in particular; the
/// yardstick that every conversion paper reports. Fewer items than wanted if the held-out text is short.
TaskType languageTask() {
    return generatedTask({"language", "language", "Held-out text", 0, 16, {}}, make);
}

}  // namespace airframe

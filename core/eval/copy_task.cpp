// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr std::size_t words = 22;
constexpr int copies = 3;  // at least 66 scored tokens an item

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    const auto list = random.sample(commonNouns(), words);
    Prompt prompt(tokenizer);
    prompt.say("Words:");
    for (const std::string& word : list) prompt.say(" " + word);
    for (int copy = 0; copy < copies; ++copy) {
        prompt.say("\nWords:");
        for (const std::string& word : list) prompt.answer(" " + word);
    }
    return prompt.item();
}

}  // namespace

/// Copying: a list of random words written four times, all but the first scored. Measures verbatim copying in
/// order, which needs no key to be found, only the place to be kept (Jelassi et al., "Repeat after me", 2024).
/// Wrong variant: the word that follows.
TaskType copyTask() {
    return generatedTask({"copy", "retrieval", "Copy a list", 0, 16, {}}, make);
}

}  // namespace airframe

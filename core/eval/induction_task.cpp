// SPDX-License-Identifier: GPL-3.0-or-later
#include <numeric>

#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr std::size_t phrases = 6;
constexpr std::size_t phrase_words = 4;  // A B C D: after A has come again, B, then C, then D are asked
constexpr int times = 5;                 // the first time only read: at least 72 scored tokens an item

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    const auto words = random.sample(commonNouns(), phrases * phrase_words);
    std::vector<std::size_t> order(phrases);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Prompt prompt(tokenizer);
    for (int time = 0; time < times; ++time) {
        random.shuffle(order);
        for (const std::size_t phrase : order)
            for (std::size_t i = 0; i < phrase_words; ++i) {
                const std::string text = " " + words[phrase * phrase_words + i];
                if (time > 0 && i > 0)
                    prompt.answer(text);
                else
                    prompt.say(text);
            }
    }
    return prompt.item();
}

}  // namespace

/// Induction: short phrases of random words come again and again in changing order; once the first word of a phrase has
/// come, the rest is asked. Measures the circuit "A B ... A -> B" (Olsson et al., "In-context learning and induction
/// heads", 2022) apart from the order of the whole. Wrong variant: a word of another place.
TaskType inductionTask() {
    return generatedTask({"induction", "retrieval", "Induction", 0, 16, {}}, make);
}

}  // namespace airframe

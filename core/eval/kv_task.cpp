// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr std::size_t pairs = 8;
constexpr int rounds = 2;  // every pair is asked twice, in two orders: 64 scored digits an item

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    struct Pair {
        std::string word, number;
    };
    std::vector<Pair> list;
    for (const std::string& word : random.sample(commonNouns(), pairs)) list.push_back({word, random.digits(4)});
    Prompt prompt(tokenizer);
    prompt.say("List:");
    for (const Pair& pair : list) prompt.say(" " + pair.word + " " + pair.number);
    for (int round = 0; round < rounds; ++round) {
        random.shuffle(list);
        prompt.say("\nList:");
        for (const Pair& pair : list) prompt.say(" " + pair.word + " ").answer(pair.number);
    }
    return prompt.item();
}

}  // namespace

/// Key-value recall: words with four-digit numbers, then the words in other orders, each number asked for. Measures
/// how many associations the mixers can hold and address; the idea is multi-query associative recall (Arora et al.,
/// "Zoology", 2023), written as text so that a pretrained model can do it. Wrong variant: numbers of other words.
TaskType kvTask() {
    return generatedTask({"kv", "retrieval", "Key-value recall", 0, 16, {}}, make);
}

}  // namespace airframe

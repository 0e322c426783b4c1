// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr std::size_t entries = 10;  // all asked: 70 scored digits an item

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    struct Entry {
        std::string name, number;
    };
    std::vector<Entry> book;
    const auto first = random.sample(firstNames(), entries);
    const auto last = random.sample(surnames(), entries);
    for (std::size_t i = 0; i < entries; ++i) book.push_back({first[i] + " " + last[i], random.digits(7)});
    Prompt prompt(tokenizer);
    prompt.say("Phone book\n");
    for (const Entry& entry : book) prompt.say(entry.name + ": " + entry.number + "\n");
    random.shuffle(book);
    prompt.say("Looked up\n");
    for (const Entry& entry : book) prompt.say(entry.name + ": ").answer(entry.number).say("\n");
    return prompt.item();
}

}  // namespace

/// Phone book: invented people with seven-digit numbers, looked up in another order. Like key-value recall with keys of
/// several tokens and longer values; the idea is the copying experiment of Jelassi et al., "Repeat after me" (2024).
/// Wrong variant: other people's numbers.
TaskType phonebookTask() {
    return generatedTask({"phonebook", "retrieval", "Phone book", 0, 16, {}}, make);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <string>

#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr int options = 4;
const std::string letters = "ABCD";

struct Question {
    std::string text;
    std::vector<std::string> options;  // [0] is right
};

Question draw(TaskRandom& random) {
    if (random.below(4) == 0) {
        const bool largest = random.below(2) == 0;
        std::vector<int> numbers;
        while (numbers.size() < options) {
            const int number = random.between(1, 99);
            if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
        }
        const auto extreme = largest ? std::max_element(numbers.begin(), numbers.end())
                                     : std::min_element(numbers.begin(), numbers.end());
        std::iter_swap(numbers.begin(), extreme);
        Question question{largest ? "Which number is the largest?" : "Which number is the smallest?", {}};
        for (const int number : numbers) question.options.push_back(std::to_string(number));
        return question;
    }
    const auto kinds = random.sample(wordKinds(), options);
    Question question{"Which of these is " + kinds[0].article_and_name + "?", {}};
    for (const WordKind& kind : kinds) question.options.push_back(kind.words[random.below(kind.words.size())]);
    return question;
}

/// The question with its right option at `right`, up to the place of the letter.
std::string written(const Question& question, int right) {
    std::string text = question.text + "\n";
    for (int place = 0; place < options; ++place) {
        const int option = (place - right + options) % options;
        text += std::string(1, letters[static_cast<std::size_t>(place)]) + ". " +
                question.options[static_cast<std::size_t>(option)] + "\n";
    }
    return text + "Answer:";
}

Item make(const Tokenizer& tokenizer, std::int64_t seed, int index) {
    // Four items in a row are one question with its options turned by one place each: a model that always says "A"
    // scores as badly as one that knows nothing. The two worked examples before it never show the same letter.
    TaskRandom random("letters", seed, index / options);
    const int turn = static_cast<int>(random.below(options));
    Prompt prompt(tokenizer);
    for (int example = 0; example < 2; ++example) {
        const int right = (turn + example) % options;
        prompt.say(written(draw(random), right) + " " + letters[static_cast<std::size_t>(right)] + "\n");
    }
    const int right = index % options;
    prompt.say(written(draw(random), right)).answer(std::string(" ") + letters[static_cast<std::size_t>(right)]);

    Item item;
    item.choices.push_back(prompt.choice());
    for (int place = 0; place < options; ++place) {
        if (place == right) continue;
        Choice wrong = prompt.choice();
        Prompt other(tokenizer);
        other.answer(std::string(" ") + letters[static_cast<std::size_t>(place)]);
        wrong.targets.assign(other.choice().ids.begin() + other.choice().scored.front().begin,
                             other.choice().ids.end());
        item.choices.push_back(std::move(wrong));
    }
    return item;
}

}  // namespace

/// Letters: multiple choice by the letter of the option, with every question asked in all four rotations. Measures the
/// matching of an option's text with its letter, which hybrids lose first while the plain loss still looks well; the
/// facts asked are simple. One scored token an item, so this task gives far fewer scored tokens than the others.
/// The wrong choices share the right one's sequence, as only the last token differs.
TaskType lettersTask() {
    TaskType type{"letters", "mmlu", "Option letters", 1.0 / options, 48, {}};
    return generatedTask(std::move(type), [](const TaskSource& source) {
        TaskData data;
        for (int i = 0; i < source.items; ++i) data.items.push_back(make(source.tokenizer, source.seed, i));
        return data;
    });
}

}  // namespace airframe

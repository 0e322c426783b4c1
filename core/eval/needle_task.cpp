// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"
#include "core/eval/task_words.h"

namespace airframe {
namespace {

constexpr std::size_t needles = 4;
constexpr int number_digits = 8;
constexpr int rounds = 2;  // each needle asked twice, in two orders: 64 scored digits an item
constexpr std::size_t filler_sentences = 10;

const std::vector<std::string> people = {"The old farmer", "A young woman", "The baker",   "My neighbor",
                                         "The teacher",    "A tired man",   "The captain", "Her brother"};
const std::vector<std::string> actions = {"walked slowly to",   "was waiting near", "had never seen",
                                          "often talked about", "came back from",   "looked across",
                                          "lived close to",     "dreamed of"};
const std::vector<std::string> places = {
    "the quiet village",   "the market by the sea",  "the road to the north",   "a house on the hill",
    "the bridge at night", "the edge of the forest", "the empty train station", "the garden behind the church"};
const std::vector<std::string> endings = {
    "", " in the rain", " before the sun came up", " with a heavy bag", " because it was late", " and said nothing"};

std::string pick(TaskRandom& random, const std::vector<std::string>& from) {
    return from[random.below(from.size())];
}

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    struct Needle {
        std::string noun, number;
    };
    std::vector<Needle> hidden;
    for (const std::string& noun : random.sample(commonNouns(), needles))
        hidden.push_back({noun, random.digits(number_digits)});
    const auto sentence = [](const Needle& needle) { return "The secret number of the " + needle.noun + " is "; };

    std::vector<std::string> story;
    for (std::size_t i = 0; i < filler_sentences; ++i)
        story.push_back(pick(random, people) + " " + pick(random, actions) + " " + pick(random, places) +
                        pick(random, endings) + ".");
    for (const Needle& needle : hidden)
        story.insert(story.begin() + static_cast<std::ptrdiff_t>(random.below(story.size() + 1)),
                     sentence(needle) + needle.number + ".");

    Prompt prompt(tokenizer);
    for (std::size_t i = 0; i < story.size(); ++i) prompt.say((i == 0 ? "" : " ") + story[i]);
    prompt.say("\n");
    for (int round = 0; round < rounds; ++round) {
        random.shuffle(hidden);
        for (const Needle& needle : hidden) prompt.say(sentence(needle)).answer(needle.number).say(".\n");
    }
    return prompt.item();
}

}  // namespace

/// Needles: a few number sentences hidden in made-up prose, then asked for. Measures recall past text that must not be
/// mistaken for what is asked; the idea is the "needle in a haystack" probe, here short enough for a small model.
/// Wrong variant: the numbers of the other needles.
TaskType needleTask() {
    return generatedTask({"needle", "retrieval", "Needles in prose", 0, 16, {}}, make);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/formats/tokenizer.h"

namespace airframe {

/// Tokens ids[begin..end) of a choice that are scored; begin >= 1, because the first token has nothing before it.
struct ScoredRange {
    int begin = 0, end = 0;
};

/// One candidate continuation of an item: the whole token sequence and the parts of it that are scored. An item that
/// asks several questions in one sequence has one range per answer.
struct Choice {
    std::vector<std::int32_t> ids;    ///< context and continuation
    std::vector<ScoredRange> scored;  ///< ascending, not overlapping
    /// Tokens scored in place of those that stand in the ranges, one per scored token; empty = the tokens themselves.
    /// A wrong answer told this way shares the right answer's sequence (and its whole computation): at every scored
    /// place the text before it is the right one.
    std::vector<std::int32_t> targets;

    [[nodiscard]] int scoredTokens() const;
};

/// One question: the right continuation first, then the wrong ones (none for free text).
struct Item {
    std::vector<Choice> choices;  ///< [0] is right
};

/// Items ready to score, and the hash of their token ids.
struct TaskData {
    std::string task;
    std::vector<Item> items;
    std::string hash;       ///< of every choice's ids, ranges and targets: see hashOf
    std::int64_t seed = 0;  ///< the items were generated from; 0 for a file

    [[nodiscard]] std::int64_t scoredTokens() const;  ///< of the right answers, all items
    [[nodiscard]] std::int64_t totalTokens() const;   ///< of the right answers' whole sequences
};

/// SHA-256 of the items as numbers: equal if and only if the same tokens are scored in the same contexts.
[[nodiscard]] std::string hashOf(const std::vector<Item>& items);

/// What a task may draw on.
struct TaskSource {
    const Tokenizer& tokenizer;
    std::int64_t seed = 0;
    int items = 0;  ///< wanted; 0 = the task's default
    /// Token ids of held-out text (never trained on), for the language task; may be empty, then the task says so.
    std::vector<std::int32_t> heldout;
};

/// One row of the table of tasks.
struct TaskType {
    std::string id;      ///< "language", "kv", ...
    std::string family;  ///< "language", "retrieval", "math", "mmlu", ...
    std::string title;   ///< for people
    double chance = 0;   ///< accuracy by guessing, 0 for free text
    int default_items = 0;
    std::function<TaskData(const TaskSource&)> make;  ///< seeded: the same source gives the same items
};

/// THE table of generated tasks: language kv phonebook needle copy induction arithmetic letters.
[[nodiscard]] const std::vector<TaskType>& taskTable();
/// Throws Failure(bad_input, id) listing the known ids.
[[nodiscard]] const TaskType& findTask(const std::string& id);
/// A JSONL file of items ({"id","task","family","context","choices","answer"} per line) as a task named after the file.
/// `max_items` 0 = all. Throws Failure(bad_input, "FILE:LINE") for a bad line, naming the field.
[[nodiscard]] TaskData loadTaskFile(const std::filesystem::path& path, const Tokenizer& tokenizer, int max_items);

}  // namespace airframe

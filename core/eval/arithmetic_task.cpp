// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/eval/generated_tasks.h"
#include "core/eval/prompt.h"
#include "core/eval/task_random.h"

namespace airframe {
namespace {

constexpr int worked = 3;
constexpr int scored_digits = 64;  // questions are added until so many digits are asked: about 36 of them

Item make(const Tokenizer& tokenizer, TaskRandom& random) {
    Prompt prompt(tokenizer);
    int asked = 0;
    for (int line = 0; asked < scored_digits; ++line) {
        // One operand of one digit, so that a small model is right often enough to have something to lose.
        int a = random.between(1, 99);
        int b = random.between(1, 9);
        const bool plus = random.below(2) == 0;
        if (!plus && a < b) std::swap(a, b);
        const std::string answer = std::to_string(plus ? a + b : a - b);
        prompt.say(std::to_string(a) + (plus ? "+" : "-") + std::to_string(b) + "=");
        if (line < worked) {
            prompt.say(answer);
        } else {
            prompt.answer(answer);
            asked += static_cast<int>(answer.size());
        }
        prompt.say("\n");
    }
    return prompt.item();
}

}  // namespace

/// Arithmetic: sums and differences of a number below 100 and one below 10, after three worked ones. Measures what the
/// MLPs know more than what the mixers remember, so it should suffer less from linear layers: a contrast to recall.
/// Word problems are beyond models of this size. Wrong variant: the results of other lines.
TaskType arithmeticTask() {
    return generatedTask({"arithmetic", "math", "Sums of one and two digits", 0, 16, {}}, make);
}

}  // namespace airframe

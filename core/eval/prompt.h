// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/eval/task.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// Builds the one sequence of an item that asks several questions: text that is only read, and answers that are scored.
/// Each piece is encoded alone, so pieces should begin where the tokenizer would split anyway (before a space, before a
/// line break, at a digit); then the ids are those of the whole text.
class Prompt {
  public:
    explicit Prompt(const Tokenizer& tokenizer);
    Prompt& say(std::string_view text);
    Prompt& answer(std::string_view text);

    /// The item: the right answers, and one wrong variant in which the answers are moved on among the questions (each
    /// question gets the next different answer with as many tokens). The variant reads the same sequence, so it costs
    /// only a look at other logits; margin > 0 says that the right answers beat those of other questions.
    [[nodiscard]] Item item() const;
    /// The sequence alone, all answers right.
    [[nodiscard]] const Choice& choice() const { return m_choice; }

  private:
    void append(std::string_view text);

    const Tokenizer& m_tokenizer;
    Choice m_choice;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/pre_tokenizer_step.h"

namespace airframe {

/// Cuts text into the pieces inside which tokens are made. Immutable, any thread.
class PreTokenizer {
  public:
    /// Without steps the whole text is one piece. Throws Failure(bad_input, where) for an expression that is wrong or not
    /// supported, and for steps after byte_level, which ends the work on characters.
    PreTokenizer(const std::vector<PreTokenizerStep>& steps, const std::string& where);
    ~PreTokenizer();
    PreTokenizer(PreTokenizer&&) noexcept;

    using Sink = std::function<void(std::string_view)>;
    /// Calls `piece` for each piece of `text` (well-formed UTF-8), in order, none empty. They lie in `text`, or only for the
    /// time of the call in memory of its own where a step changes text. `first`: the text stands at the beginning.
    void split(std::string_view text, bool first, const Sink& piece) const;

  private:
    struct Stage;
    void run(std::size_t stage, std::string_view text, bool first, const Sink& piece) const;
    std::vector<Stage> m_stages;
};

}  // namespace airframe

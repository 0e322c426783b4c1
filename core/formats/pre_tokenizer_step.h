// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace airframe {

/// One step that cuts text into pieces; each step works on every piece of the step before as if it stood alone. The names and
/// their meanings are those of tokenizer.json (https://huggingface.co/docs/tokenizers).
struct PreTokenizerStep {
    enum class Kind {
        split,       ///< at the matches of `pattern`
        digits,      ///< numeric characters (Nd, Nl, No) apart from all others; with `individual` each alone
        byte_level,  ///< GPT-2's: with `use_regex` cut by its expression; bytes are the symbols from here on
        metaspace,   ///< spaces become `pattern`; with `use_regex` (its "split") cut before each `pattern`
    };
    /// What becomes of a match.
    enum class Behavior { isolated, removed, merged_with_previous, merged_with_next, contiguous };
    /// Where metaspace puts its character before a piece that does not begin with it.
    enum class Prepend { never, first, always };

    Kind kind = Kind::split;
    std::string pattern{};
    bool literal = false;  ///< the pattern is a plain text, not an expression
    Behavior behavior = Behavior::isolated;
    bool invert = false;  ///< what lies between the matches counts as the matches
    bool individual = false;
    bool add_prefix_space = false;  ///< byte_level: a space before a piece that does not begin with one
    bool use_regex = false;
    Prepend prepend = Prepend::never;
    bool operator==(const PreTokenizerStep&) const = default;
};

}  // namespace airframe

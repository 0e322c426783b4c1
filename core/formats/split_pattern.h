// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// A regular expression from a tokenizer file, run by PCRE2. The files mean Oniguruma's Ruby syntax; what would mean something
/// else in PCRE2 is refused, and \s is put as Unicode's White_Space. Immutable, any thread.
class SplitPattern {
  public:
    /// Throws Failure(bad_input, where) naming what is wrong or not supported in the expression.
    SplitPattern(const std::string& expression, const std::string& where);
    ~SplitPattern();
    SplitPattern(SplitPattern&&) noexcept;

    struct Match {
        std::size_t begin, end;
    };
    /// All matches in `text` (well-formed UTF-8), from left to right, none empty, appended to `out`. Throws Failure(bad_input)
    /// if the expression matches nothing between two characters, or takes too long: PCRE2's own limit of steps for a match.
    void matches(std::string_view text, std::vector<Match>& out) const;

  private:
    struct Impl;
    std::unique_ptr<const Impl> m;
};

}  // namespace airframe

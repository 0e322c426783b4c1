// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// Cuts text into the pieces inside which BPE merges. Immutable, any thread.
class PreTokenizer {
  public:
    /// Throws Failure(bad_input, where) if the name is not one of names().
    PreTokenizer(const std::string& name, const std::string& where);
    ~PreTokenizer();
    /// Calls `piece` for each piece of `text`, in order; together they are the whole text, which must be valid UTF-8.
    void split(std::string_view text, const std::function<void(std::string_view)>& piece) const;
    [[nodiscard]] static std::vector<std::string> names();

  private:
    struct Impl;
    std::unique_ptr<const Impl> m;
};

}  // namespace airframe

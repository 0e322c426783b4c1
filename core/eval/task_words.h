// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace airframe {

// Word lists of the generated tasks: short common English words, most of them one token with the space before them.
// Changing a list changes the items, and with them their hash.

[[nodiscard]] const std::vector<std::string>& commonNouns();
[[nodiscard]] const std::vector<std::string>& firstNames();
[[nodiscard]] const std::vector<std::string>& surnames();

/// Words of one kind, for questions like "Which of these is an animal?"; no word is in two kinds.
struct WordKind {
    std::string article_and_name;  ///< "an animal"
    std::vector<std::string> words;
};
[[nodiscard]] const std::vector<WordKind>& wordKinds();

}  // namespace airframe

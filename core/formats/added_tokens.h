// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/formats/byte_trie.h"
#include "core/formats/normalizer.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

/// The tokens that are found in a text before anything else is done to it: control and user-defined ones. Immutable, any
/// thread.
class AddedTokens {
  public:
    /// Of `data`, those with AddedToken::normalized (their texts are normalised as well) or those without.
    AddedTokens(const TokenizerData& data, bool normalized, const Normalizer& normalizer);

    struct Found {
        std::size_t begin, end;  ///< with the white space that the token takes
        std::int32_t id;
    };
    /// The first one in `text` from `from` on; among several at one place the longest. Without `control`, control tokens are
    /// plain text. O(size of the text up to it, times the length of the longest token).
    [[nodiscard]] std::optional<Found> find(std::string_view text, std::size_t from, bool control) const;
    [[nodiscard]] bool empty() const { return m_texts.empty(); }

  private:
    struct Entry {
        AddedToken rules;
        bool control;
    };
    bool standsAlone(std::string_view text, std::size_t begin, std::size_t end) const;

    ByteTrie m_texts;              // to places in m_entries
    std::vector<Entry> m_entries;
};

}  // namespace airframe

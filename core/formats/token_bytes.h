// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// What each token of a vocabulary stands for, as raw bytes in one block. Immutable, any thread.
class TokenBytes {
  public:
    /// `data` must outlive this.
    explicit TokenBytes(const TokenizerData& data);
    /// `id` must be inside the vocabulary.
    [[nodiscard]] std::string_view of(std::int32_t id) const {
        const auto i = static_cast<std::size_t>(id);
        return std::string_view(m_text).substr(m_begin[i], m_begin[i + 1] - m_begin[i]);
    }
    /// The texts that a token for these bytes could have in the vocabulary, the likeliest first.
    [[nodiscard]] std::vector<std::string> spellings(std::string_view bytes) const;

  private:
    const TokenizerData& m_data;
    std::string m_space;  // the text that stands for a space in a vocabulary of pieces; empty: a space
    std::string m_text;
    std::vector<std::size_t> m_begin;  // [vocab + 1] into m_text
};

}  // namespace airframe

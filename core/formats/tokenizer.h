// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Text to token ids and back: byte-level BPE, SentencePiece's BPE and unigram models. Immutable, any thread.
class Tokenizer {
  public:
    /// Throws Failure(bad_input, where, ...) if the data contradict themselves or `pre` is not known.
    Tokenizer(TokenizerData data, const std::string& where);
    ~Tokenizer();

    /// Token ids of `text`, which should be UTF-8 (ill-formed parts become U+FFFD). With `special`, the texts of control
    /// tokens become those tokens; without, control tokens are plain text. Adds BOS and EOS only if the model's file says so.
    [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text, bool special = true) const;
    /// Raw bytes, which may end inside a UTF-8 character; a SentencePiece text therefore keeps the space that it begins with.
    /// Throws Failure(bad_input) for an id outside the vocabulary.
    [[nodiscard]] std::string decode(std::span<const std::int32_t> ids) const;
    [[nodiscard]] int size() const;
    /// Id of the token with exactly this text (a special token or a vocabulary entry), or -1.
    [[nodiscard]] std::int32_t id(std::string_view text) const;
    [[nodiscard]] const TokenizerData& data() const;

  private:
    struct Impl;
    std::unique_ptr<const Impl> m;
};

}  // namespace airframe

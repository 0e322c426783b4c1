// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/formats/normalizer_step.h"
#include "core/formats/pre_tokenizer_step.h"

namespace airframe {

/// How the text of one piece becomes tokens.
enum class TokenizerKind {
    byte_bpe,   ///< merges over bytes, each written as a character of GPT-2's alphabet
    piece_bpe,  ///< merges over characters, in the order of `merges`, or (SentencePiece) of `scores` if there are none
    unigram,    ///< SentencePiece: the tokens whose scores have the greatest sum
};

/// What tokenizer.json says about an added token beyond its text; one that is not listed has none of these.
struct AddedToken {
    std::int32_t id = -1;
    bool single_word = false;  ///< only where no word character touches it
    bool lstrip = false;       ///< takes the white space before it
    bool rstrip = false;       ///< takes the white space after it
    bool normalized = false;   ///< looked for in the normalised text
    bool operator==(const AddedToken&) const = default;
};

/// What a tokenizer is made of, independent of the file format it came from.
struct TokenizerData {
    std::string pre;                  ///< pre-tokenizer by GGUF's name (pre_tokenizer_table.h); empty: `pre_steps`
    std::vector<std::string> tokens;  ///< [vocab] normal tokens of byte_bpe in GPT-2's alphabet, all others as they are
    std::vector<int> types;           ///< [vocab] 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte (GGUF's numbers)
    std::vector<std::string> merges;  ///< "left right", best first
    int bos_id = -1, eos_id = -1;
    bool add_bos = false, add_eos = false;
    TokenizerKind kind = TokenizerKind::byte_bpe;
    std::vector<double> scores{};               ///< [vocab] logarithms, for unigram and SentencePiece's BPE; else empty
    bool float_scores = false;                  ///< added in float32, as SentencePiece does, not float64: decides between equals
    std::vector<NormalizerStep> normalizer{};   ///< in order, on the text between added tokens
    std::vector<PreTokenizerStep> pre_steps{};  ///< in order; only if `pre` is empty
    int unk_id = -1;                           ///< token of what nothing else stands for; -1: left out
    bool fuse_unk = false;                      ///< neighbouring unknowns are one token
    bool byte_fallback = false;                 ///< characters without a token become "<0x41>" tokens
    bool ignore_merges = false;                 ///< a piece that is a token is that token, whatever the merges say (Llama 3)
    std::vector<AddedToken> added{};            ///< by id
};

}  // namespace airframe

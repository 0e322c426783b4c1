// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/json_source.h"
#include "core/formats/tokenizer_data.h"
#include "core/formats/vocabulary_document.h"

namespace airframe {

/// GGUF's token types, which are SentencePiece's as well.
namespace token_type {
inline constexpr int normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6;
}

/// Takes the tokens of an object {"text": id}. Ids without a token become unused ones without text. Throws Failure(bad_input)
/// for an id beyond `vocab`, an id of two tokens and a text that is there twice.
void addVocabulary(const JsonSource& from, std::vector<VocabularyDocument::Entry>&& entries, const std::string& field, int vocab,
                   TokenizerData& data);
/// Puts one token of type `type` at `id` (below the vocabulary size). Throws Failure(bad_input) if another text has that id.
void addToken(const JsonSource& from, const std::string& field, const std::string& text, std::size_t id, int type, TokenizerData& data);
/// Takes one entry of "added_tokens": {"id", "content", "special", "lstrip", ...}.
void addAddedToken(const JsonSource& from, const nlohmann::json& token, const std::string& field, int vocab, TokenizerData& data);
/// Sorts data.added by id. Throws Failure(bad_input) if an id is there twice.
void sortAddedTokens(const JsonSource& from, TokenizerData& data);

}  // namespace airframe

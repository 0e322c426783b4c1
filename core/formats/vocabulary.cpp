// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/vocabulary.h"

#include <algorithm>

#include "core/formats/text_index.h"

namespace airframe {
namespace {

void makeRoom(std::size_t size, TokenizerData& data) {
    if (data.tokens.size() >= size) return;
    data.tokens.resize(size);
    data.types.resize(size, token_type::unused);
    if (!data.scores.empty()) data.scores.resize(size, 0.0);
}

}  // namespace

void addVocabulary(const JsonSource& from, std::vector<VocabularyDocument::Entry>&& entries, const std::string& field, int vocab,
                   TokenizerData& data) {
    std::size_t size = 0;
    for (const auto& [token, id] : entries) {
        if (id >= static_cast<std::uint64_t>(std::max(vocab, 0))) {
            from.fail(field + ": \"" + token + "\"",
                      "an id below the vocabulary size " + std::to_string(vocab) + " was wanted, found " + std::to_string(id));
        }
        size = std::max(size, static_cast<std::size_t>(id) + 1);
    }
    makeRoom(size, data);
    for (auto& [token, id] : entries) {
        if (data.types[id] != token_type::unused) from.fail(field, "id " + std::to_string(id) + " belongs to two tokens");
        data.tokens[id] = std::move(token);
        data.types[id] = token_type::normal;
    }
    const TextIndex index(data.tokens);
    for (std::size_t id = 0; id < data.tokens.size(); ++id) {
        const std::int32_t first = index.find(data.tokens[id]);
        if (data.types[id] == token_type::normal && first != static_cast<std::int32_t>(id) &&
            data.types[static_cast<std::size_t>(first)] == token_type::normal) {
            from.fail(field, "the key \"" + data.tokens[id] + "\" occurs twice");
        }
    }
}

void addToken(const JsonSource& from, const std::string& field, const std::string& text, std::size_t id, int type, TokenizerData& data) {
    makeRoom(id + 1, data);
    if (data.types[id] != token_type::unused && data.tokens[id] != text) {
        from.fail(field, "id " + std::to_string(id) + " belongs to \"" + text + "\" and \"" + data.tokens[id] + "\"");
    }
    data.tokens[id] = text;
    data.types[id] = type;
}

void addAddedToken(const JsonSource& from, const nlohmann::json& token, const std::string& field, int vocab, TokenizerData& data) {
    if (!token.is_object() || !from.find(token, "content") || !from.find(token, "id")) {
        from.fail(field, "an entry without id or content: " + shown(token));
    }
    const std::string text = from.text(token, "content");
    const std::size_t id = from.id(token["id"], field + ": \"" + text + "\"", vocab);
    const bool special = from.boolean(token, "special", false);
    addToken(from, field, text, id, special ? token_type::control : token_type::user_defined, data);
    const AddedToken rules{.id = static_cast<std::int32_t>(id),
                           .single_word = from.boolean(token, "single_word", false),
                           .lstrip = from.boolean(token, "lstrip", false),
                           .rstrip = from.boolean(token, "rstrip", false),
                           .normalized = from.boolean(token, "normalized", !special)};
    if (rules != AddedToken{.id = rules.id}) data.added.push_back(rules);
}

void sortAddedTokens(const JsonSource& from, TokenizerData& data) {
    std::sort(data.added.begin(), data.added.end(), [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
    const auto twice = std::adjacent_find(data.added.begin(), data.added.end(),
                                          [](const AddedToken& a, const AddedToken& b) { return a.id == b.id; });
    if (twice != data.added.end()) from.fail("added_tokens", "id " + std::to_string(twice->id) + " is there twice");
}

}  // namespace airframe

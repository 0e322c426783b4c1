// SPDX-License-Identifier: GPL-3.0-or-later
// Format: https://huggingface.co/docs/tokenizers (components and their fields).
#include "core/formats/tokenizer_json.h"

#include <algorithm>

#include "core/formats/json_source.h"
#include "core/formats/tokenizer_json_steps.h"
#include "core/formats/vocabulary.h"
#include "core/formats/vocabulary_document.h"

namespace airframe {
namespace {

using nlohmann::json;

/// A field that does nothing when it is null, false, 0 or "".
void mustBeIdle(const JsonSource& from, const json& in, const char* field) {
    const json* value = from.find(in, field);
    if (value && *value != json(false) && *value != json("") && *value != json(0.0)) {
        from.fail(field, shown(*value) + " is not supported");
    }
}

void readBpe(const JsonSource& from, VocabularyDocument&& file, int vocab, TokenizerData& data) {
    const json& model = file.rest["model"];
    for (const char* field : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) mustBeIdle(from, model, field);
    data.byte_fallback = from.boolean(model, "byte_fallback", false);
    data.ignore_merges = from.boolean(model, "ignore_merges", false);
    data.fuse_unk = from.boolean(model, "fuse_unk", false);
    if (!file.vocabulary) from.fail("model.vocab", "an object was wanted");
    if (!file.merges) from.fail("model.merges", "a list was wanted");
    addVocabulary(from, std::move(*file.vocabulary), "model.vocab", vocab, data);
    data.merges = std::move(*file.merges);
    if (from.find(model, "unk_token")) {
        const std::string text = from.text(model, "unk_token");
        const auto it = std::find(data.tokens.begin(), data.tokens.end(), text);
        if (it == data.tokens.end()) from.fail("model.unk_token", "\"" + text + "\" is not in the vocabulary");
        data.unk_id = static_cast<int>(it - data.tokens.begin());
    }
}

void readUnigram(const JsonSource& from, const json& model, int vocab, TokenizerData& data) {
    data.kind = TokenizerKind::unigram;
    data.fuse_unk = true;
    data.byte_fallback = from.boolean(model, "byte_fallback", false);
    const json& entries = from.list(model, "vocab");
    if (entries.size() > static_cast<std::size_t>(vocab)) {
        from.fail("model.vocab", std::to_string(entries.size()) + " tokens for a vocabulary size of " + std::to_string(vocab));
    }
    for (const json& entry : entries) {
        if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number()) {
            from.fail("model.vocab", "[text, score] was wanted, found " + shown(entry));
        }
        data.tokens.push_back(entry[0]);
        data.scores.push_back(entry[1]);
    }
    data.types.assign(data.tokens.size(), 1);
    if (const json* unknown = from.find(model, "unk_id")) {
        data.unk_id = static_cast<int>(from.id(*unknown, "model.unk_id", static_cast<int>(data.tokens.size())));
    }
}

}  // namespace

TokenizerData readTokenizerJson(const std::filesystem::path& path, int vocab) {
    const JsonSource from{path.string(), "byte-level BPE, and SentencePiece's BPE and unigram models are read"};
    VocabularyDocument document = readVocabularyDocument(path, VocabularyPlace::in_model);
    const json& file = document.rest;
    TokenizerData data;
    const json& model = from.object(file, "model");
    const std::string type = from.find(model, "type") ? from.text(model, "type") : "none";
    if (type == "BPE") readBpe(from, std::move(document), vocab, data);
    else if (type == "Unigram") readUnigram(from, model, vocab, data);
    else from.fail("model.type", "\"" + type + "\" is not read, BPE and Unigram are");
    if (from.find(file, "added_tokens")) {
        for (const json& token : from.list(file, "added_tokens")) addAddedToken(from, token, "added_tokens", vocab, data);
    }
    sortAddedTokens(from, data);
    readNormalizer(from, file, data);
    readPreTokenizer(from, file, data);
    const auto& steps = data.pre_steps;
    const bool of_bytes = !data.pre.empty() || (!steps.empty() && steps.back().kind == PreTokenizerStep::Kind::byte_level);
    if (data.kind == TokenizerKind::byte_bpe && !of_bytes) data.kind = TokenizerKind::piece_bpe;
    readPostProcessor(from, file, data);
    checkDecoder(from, file, data);
    return data;
}

}  // namespace airframe

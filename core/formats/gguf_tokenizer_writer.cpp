// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_tokenizer_writer.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/error.h"
#include "core/formats/pre_tokenizer_table.h"
#include "core/formats/score_merges.h"
#include "core/formats/sentencepiece_model.h"
#include "core/formats/text_index.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& hint = "export a Hugging Face folder instead") {
    throw Failure(ErrorCode::bad_input, "tokenizer", what, hint);
}

void addId(GgufKeys& out, const char* key, int id) {
    if (id >= 0) out.addU32(key, static_cast<std::uint32_t>(id));
}

/// What a GGUF has no field for must be what its readers do anyway.
void checkBytePairs(const TokenizerData& data) {
    if (data.pre.empty()) fail("GGUF has no name for this pre-tokenizer");
    const KnownPreTokenizer& known = knownPreTokenizer(data.pre, "tokenizer");
    if (data.normalizer != known.normalizer) fail("GGUF's \"" + data.pre + "\" goes with another normaliser");
    if (data.ignore_merges != known.ignore_merges) fail("GGUF's \"" + data.pre + "\" treats whole tokens in another way (ignore_merges)");
    if (data.byte_fallback || data.unk_id >= 0) fail("GGUF has no unknown tokens in a byte-level vocabulary");
}

void checkAddedTokens(const TokenizerData& data) {
    for (const AddedToken& token : data.added) {
        if (token.single_word || token.lstrip || token.rstrip || (token.normalized && !data.normalizer.empty())) {
            fail("the added token " + std::to_string(token.id) + " has rules (lstrip, rstrip, single_word, normalized) that GGUF has no field for");
        }
    }
}

bool isByteToken(const std::string& text) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
    return text.size() == 6 && text.starts_with("<0x") && text[5] == '>' && hex(text[3]) && hex(text[4]);
}

/// Scores that make the merges: those of tokenizer.json were made from scores, best first, and their order is all that counts.
/// Fails if the merges are not exactly those that such scores give.
void deriveScores(TokenizerData& data) {
    std::unordered_map<std::string_view, double> best;
    std::vector<std::string> products;
    products.reserve(data.merges.size());
    for (const std::string& merge : data.merges) {
        products.push_back(merge);
        products.back().erase(merge.find(' '), 1);
    }
    for (const std::string& product : products) best.try_emplace(product, -static_cast<double>(best.size()));
    data.scores.clear();
    for (const std::string& token : data.tokens) {
        const auto it = best.find(token);
        data.scores.push_back(it == best.end() ? -static_cast<double>(best.size()) : it->second);
    }
    const TextIndex index(data.tokens);
    const std::vector<ScoreMerge> made = scoreMerges(data, index);
    const auto text = [&](std::int32_t id) { return data.tokens[static_cast<std::size_t>(id)]; };
    const bool same = made.size() == data.merges.size() &&
                      std::equal(made.begin(), made.end(), data.merges.begin(), [&](const ScoreMerge& a, const std::string& b) {
                          return text(a.left) + " " + text(a.right) == b;
                      });
    if (!same) fail("its merges do not follow from scores of tokens, as GGUF needs them");
}

/// The tokens with the types and scores that SentencePiece gives them.
TokenizerData sentencePieces(TokenizerData data) {
    const bool known = data.pre_steps.empty() && (data.normalizer == sentencePieceNormalizer(true) || data.normalizer == sentencePieceNormalizer(false));
    if (!known) fail("GGUF has no field for its normaliser or pre-tokenizer");
    if (!data.byte_fallback || !data.fuse_unk || data.unk_id < 0) fail("GGUF's SentencePiece vocabularies have bytes and an unknown token");
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        if (isByteToken(data.tokens[i])) data.types[i] = token_type::byte;
    }
    data.types.at(static_cast<std::size_t>(data.unk_id)) = token_type::unknown;
    if (data.scores.empty()) deriveScores(data);
    return data;
}

void writeSentencePieces(GgufKeys& out, const TokenizerData& data, std::size_t rows) {
    std::vector<float> scores(data.scores.begin(), data.scores.end());
    scores.resize(rows, -1e6f);  // of the unused tokens
    out.addF32s("tokenizer.ggml.scores", scores);
    addId(out, "tokenizer.ggml.unknown_token_id", data.unk_id);
    out.addBool("tokenizer.ggml.add_space_prefix", data.normalizer == sentencePieceNormalizer(true));
}

}  // namespace

void writeGgufTokenizer(GgufKeys& out, const TokenizerData& tokenizer, int vocab) {
    const auto rows = static_cast<std::size_t>(vocab);
    if (tokenizer.tokens.size() > rows) {
        fail(std::to_string(tokenizer.tokens.size()) + " tokens for " + std::to_string(rows) + " rows of the embedding",
             "the tokenizer and the model do not belong together");
    }
    if (tokenizer.kind == TokenizerKind::unigram) fail("unigram vocabularies are not written into GGUF");
    const bool bytes = tokenizer.kind == TokenizerKind::byte_bpe;
    checkAddedTokens(tokenizer);
    if (bytes) checkBytePairs(tokenizer);
    TokenizerData data = bytes ? tokenizer : sentencePieces(tokenizer);
    while (data.tokens.size() < rows) data.tokens.push_back("[PAD" + std::to_string(data.tokens.size()) + "]");
    data.types.resize(rows, token_type::unused);

    out.addText("tokenizer.ggml.model", bytes ? "gpt2" : "llama");
    out.addText("tokenizer.ggml.pre", bytes ? data.pre : "default");
    out.addTexts("tokenizer.ggml.tokens", data.tokens);
    out.addI32s("tokenizer.ggml.token_type", data.types);
    if (bytes) {
        out.addTexts("tokenizer.ggml.merges", data.merges);
    } else {
        writeSentencePieces(out, data, rows);
    }
    addId(out, "tokenizer.ggml.bos_token_id", data.bos_id);
    addId(out, "tokenizer.ggml.eos_token_id", data.eos_id);
    out.addBool("tokenizer.ggml.add_bos_token", data.add_bos);
    out.addBool("tokenizer.ggml.add_eos_token", data.add_eos);
}

}  // namespace airframe

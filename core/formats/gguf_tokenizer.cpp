// SPDX-License-Identifier: GPL-3.0-or-later
// Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; what holds where a key is absent is llama.cpp's.
#include "core/formats/gguf_tokenizer.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "core/base/error.h"
#include "core/formats/pre_tokenizer_table.h"
#include "core/formats/sentencepiece_model.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const GgufFile& file, const std::string& key, const std::string& what, const std::string& hint = {}) {
    throw Failure(ErrorCode::bad_input, file.path().string() + ": " + key, what, hint);
}

int tokenId(const GgufFile& file, const std::string& key, std::size_t vocab, int otherwise = -1) {
    const GgufValue* value = file.find(key);
    if (!value) return otherwise;
    const std::int64_t id = value->integer();
    if (id < 0 || id > INT_MAX || static_cast<std::uint64_t>(id) >= vocab) {
        fail(file, key, "id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(vocab));
    }
    return static_cast<int>(id);
}

bool flag(const GgufFile& file, const std::string& key, bool otherwise) {
    const GgufValue* value = file.find(key);
    return value ? value->boolean() : otherwise;
}

std::vector<double> scores(const GgufFile& file, std::size_t vocab) {
    const GgufValue& value = file.get("tokenizer.ggml.scores");
    if (!value.isArray() || value.element != GgufType::f32) fail(file, "tokenizer.ggml.scores", "an array of float32 was wanted");
    std::vector<float> stored(value.raw.size() / sizeof(float));
    if (stored.size() != vocab) {
        fail(file, "tokenizer.ggml.scores", std::to_string(stored.size()) + " values for " + std::to_string(vocab) + " tokens");
    }
    std::memcpy(stored.data(), value.raw.data(), stored.size() * sizeof(float));
    return {stored.begin(), stored.end()};
}

void readBytePairs(const GgufFile& file, TokenizerData& data) {
    const std::string key = "tokenizer.ggml.pre";
    const GgufValue* name = file.find(key);
    const KnownPreTokenizer& pre = knownPreTokenizer(name ? name->text() : "default", file.path().string() + ": " + key);
    data.pre = pre.name;
    data.normalizer = pre.normalizer;
    data.ignore_merges = pre.ignore_merges;
    data.add_bos = pre.add_bos;
    const auto& merges = file.get("tokenizer.ggml.merges").texts();
    data.merges.assign(merges.begin(), merges.end());
}

void readSentencePieces(const GgufFile& file, TokenizerData& data) {
    data.kind = TokenizerKind::piece_bpe;
    data.scores = scores(file, data.tokens.size());
    data.byte_fallback = data.fuse_unk = data.add_bos = true;
    // The ids that such a vocabulary has where the file does not name them.
    data.unk_id = tokenId(file, "tokenizer.ggml.unknown_token_id", data.tokens.size(), 0);
    data.bos_id = data.tokens.size() > 2 ? 1 : -1;
    data.eos_id = data.tokens.size() > 2 ? 2 : -1;
    data.normalizer = sentencePieceNormalizer(flag(file, "tokenizer.ggml.add_space_prefix", true));
    for (const char* key : {"tokenizer.ggml.remove_extra_whitespaces", "tokenizer.ggml.precompiled_charsmap"}) {
        const GgufValue* value = file.find(key);
        if (value && (value->isArray() ? !value->raw.empty() : value->boolean())) fail(file, key, "is not supported");
    }
}

}  // namespace

TokenizerData ggufTokenizer(const GgufFile& file) {
    TokenizerData data;
    const auto& tokens = file.get("tokenizer.ggml.tokens").texts();
    data.tokens.assign(tokens.begin(), tokens.end());
    const std::size_t vocab = data.tokens.size();
    data.types.assign(vocab, token_type::normal);
    if (const GgufValue* types = file.find("tokenizer.ggml.token_type")) {
        data.types.clear();
        for (const std::int64_t type : types->integers()) data.types.push_back(type < 1 || type > 6 ? 0 : static_cast<int>(type));
    }
    const std::string model = file.get("tokenizer.ggml.model").text();
    if (model == "gpt2") readBytePairs(file, data);
    else if (model == "llama") readSentencePieces(file, data);
    else fail(file, "tokenizer.ggml.model", "\"" + model + "\" is not read", "\"gpt2\" (byte-level BPE) and \"llama\" (SentencePiece) are");
    data.bos_id = tokenId(file, "tokenizer.ggml.bos_token_id", vocab, data.bos_id);
    data.eos_id = tokenId(file, "tokenizer.ggml.eos_token_id", vocab, data.eos_id);
    data.add_bos = flag(file, "tokenizer.ggml.add_bos_token", data.add_bos && data.bos_id >= 0);
    data.add_eos = flag(file, "tokenizer.ggml.add_eos_token", false);
    return data;
}

}  // namespace airframe

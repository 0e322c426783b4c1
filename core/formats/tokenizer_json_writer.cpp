// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/score_merges.h"
#include "core/formats/tokenizer_json.h"
#include "core/formats/tokenizer_json_steps.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

using ordered = nlohmann::ordered_json;

ordered addedTokens(const TokenizerData& data) {
    ordered result = ordered::array();
    auto rules = data.added.begin();
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const auto id = static_cast<std::int32_t>(i);
        while (rules != data.added.end() && rules->id < id) ++rules;
        const AddedToken rule = rules != data.added.end() && rules->id == id ? *rules : AddedToken{};
        if (data.types[i] != token_type::control && data.types[i] != token_type::user_defined) continue;
        result.push_back({{"id", i}, {"content", data.tokens[i]}, {"single_word", rule.single_word}, {"lstrip", rule.lstrip},
                          {"rstrip", rule.rstrip}, {"normalized", rule.normalized}, {"special", data.types[i] == token_type::control}});
    }
    return result;
}

/// Of equal texts the first one, as everywhere.
ordered vocabularyOf(const TokenizerData& data) {
    ordered vocab = ordered::object();
    const TextIndex index(data.tokens);
    auto& entries = vocab.get_ref<ordered::object_t&>();  // filled as a list: its own insertion looks every key up
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        if (data.types[i] == token_type::unused && data.tokens[i].empty()) continue;
        if (index.find(data.tokens[i]) == static_cast<std::int32_t>(i)) entries.emplace_back(data.tokens[i], i);
    }
    return vocab;
}

ordered bpe(const TokenizerData& data) {
    ordered merges = ordered::array();
    if (data.merges.empty() && !data.scores.empty()) {
        const auto text = [&](std::int32_t id) { return data.tokens[static_cast<std::size_t>(id)]; };
        for (const ScoreMerge& merge : scoreMerges(data, TextIndex(data.tokens))) {
            merges.push_back(ordered::array({text(merge.left), text(merge.right)}));
        }
    } else {
        merges = data.merges;
    }
    return {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", data.unk_id < 0 ? ordered(nullptr) : ordered(data.tokens[static_cast<std::size_t>(data.unk_id)])},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", data.fuse_unk},
            {"byte_fallback", data.byte_fallback},
            {"ignore_merges", data.ignore_merges},
            {"vocab", vocabularyOf(data)},
            {"merges", std::move(merges)}};
}

ordered unigram(const TokenizerData& data) {
    ordered vocab = ordered::array();
    for (std::size_t i = 0; i < data.tokens.size(); ++i) vocab.push_back(ordered::array({data.tokens[i], data.scores[i]}));
    return {{"type", "Unigram"},
            {"unk_id", data.unk_id < 0 ? ordered(nullptr) : ordered(data.unk_id)},
            {"vocab", std::move(vocab)},
            {"byte_fallback", data.byte_fallback}};
}

}  // namespace

nlohmann::ordered_json tokenizerJson(const TokenizerData& data) {
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", addedTokens(data)},
            {"normalizer", normalizerJson(data)},
            {"pre_tokenizer", preTokenizerJson(data)},
            {"post_processor", postProcessorJson(data)},
            {"decoder", decoderJson(data)},
            {"model", data.kind == TokenizerKind::unigram ? unigram(data) : bpe(data)}};
}

}  // namespace airframe

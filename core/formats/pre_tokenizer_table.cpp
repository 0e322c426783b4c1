// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/pre_tokenizer_table.h"

#include "core/base/error.h"
#include "core/formats/word_scanner.h"

namespace airframe {
namespace {

using Kind = PreTokenizerStep::Kind;

PreTokenizerStep split(const char* expression) { return {.kind = Kind::split, .pattern = expression}; }

}  // namespace

std::span<const KnownPreTokenizer> knownPreTokenizers() {
    static const std::vector<KnownPreTokenizer> table = [] {
        const PreTokenizerStep bytes{.kind = Kind::byte_level}, gpt2{.kind = Kind::byte_level, .use_regex = true};
        const PreTokenizerStep digits{.kind = Kind::digits, .individual = true};
        const std::vector<NormalizerStep> nfc{{.kind = NormalizerStep::Kind::nfc}};
        return std::vector<KnownPreTokenizer>{
            {"gpt-2", {gpt2}},
            {"smollm", {digits, gpt2}},
            {.name = "qwen2", .steps = {split(qwen2_expression), bytes}, .normalizer = nfc},
            {.name = "llama-bpe", .steps = {split(llama3_expression), bytes}, .ignore_merges = true, .add_bos = true},
            // What llama.cpp does with files that name none: four expressions, each inside the pieces of the one before.
            {"default",
             {split(R"([\p{P}\$\+<=>\^~\|]+)"),
              split(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S))"), split(R"(\p{N}+)"),
              split("[0-9][0-9][0-9]"), bytes}},
        };
    }();
    return table;
}

const KnownPreTokenizer& knownPreTokenizer(const std::string& name, const std::string& where) {
    std::string all;
    for (const KnownPreTokenizer& known : knownPreTokenizers()) {
        if (known.name == name) return known;
        all += (all.empty() ? "" : ", ") + known.name;
    }
    throw Failure(ErrorCode::bad_input, where, "the pre-tokenizer \"" + name + "\" is not known", "known are " + all);
}

}  // namespace airframe

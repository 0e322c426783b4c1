// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/formats/tokenizer_data.h"

namespace airframe::test {

/// A tokenizer small enough to work out by hand what it makes of a text.
struct TinyTokenizer {
    const char* name;
    TokenizerData data;
    std::vector<std::pair<std::string, std::vector<std::int32_t>>> encodings;
};

/// One for each kind and each field of TokenizerData.
inline std::vector<TinyTokenizer> tinyTokenizers() {
    std::vector<TinyTokenizer> all;
    const std::string mark = "\u2581";
    using Step = PreTokenizerStep;
    {
        TokenizerData d;
        d.pre = "gpt-2";
        d.tokens = {"a", "b", "ab", "\u0120", "\u0120a", "<s>", "<t>"};
        d.types = {1, 1, 1, 1, 1, 3, 4};
        d.merges = {"a b", "\u0120 a"};
        d.added = {{.id = 6, .lstrip = true, .rstrip = true}};
        all.push_back({"byte BPE, gpt-2, an added token that takes spaces", d,
                       {{"ab ab", {2, 3, 2}}, {" a <t>  b<s>", {4, 6, 1, 5}}, {"<s", {}}, {"", {}}}});
    }
    {
        TokenizerData d;
        d.pre = "llama-bpe";
        d.tokens = {"a", "b", "c", "ab", "bc", "abc", "<s>", "<t>"};
        d.types = {1, 1, 1, 1, 1, 1, 3, 3};
        d.merges = {"b c"};
        d.ignore_merges = d.add_bos = d.add_eos = true;
        d.bos_id = 6;
        d.eos_id = 7;
        all.push_back({"byte BPE, llama-bpe, whole tokens first, BOS and EOS", d, {{"abc", {6, 5, 7}}, {"abcb", {6, 0, 4, 1, 7}}, {"", {6, 7}}}});
    }
    {
        TokenizerData d;
        d.pre = "qwen2";
        d.normalizer = {{.kind = NormalizerStep::Kind::nfc}};
        d.tokens = {"e", "\u00C3", "\u00A9", "\u00C3\u00A9", "x\u00E9"};
        d.types = {1, 1, 1, 1, 4};
        d.merges = {"\u00C3 \u00A9"};
        d.added = {{.id = 4, .normalized = true}};
        all.push_back({"byte BPE, qwen2, NFC, an added token in normalised text", d,
                       {{"e\u0301", {3}}, {"\u00E9e", {3, 0}}, {"ex\u00E9", {0, 4}}, {"ex" "e\u0301", {0, 4}}}});
    }
    {
        TokenizerData d;
        d.pre_steps = {{.kind = Step::Kind::split, .pattern = "b", .literal = true, .behavior = Step::Behavior::merged_with_next},
                       {.kind = Step::Kind::split, .pattern = "[0-9]", .behavior = Step::Behavior::removed},
                       {.kind = Step::Kind::byte_level, .add_prefix_space = true}};
        d.tokens = {"a", "b", "ab", "ba", "\u0120"};
        d.types = {1, 1, 1, 1, 1};
        d.merges = {"a b", "b a"};
        all.push_back({"byte BPE, a chain without a name", d, {{"aba", {4, 0, 4, 3}}, {"a1a", {4, 0, 4, 0}}}});
    }
    {
        TokenizerData d;
        d.kind = TokenizerKind::piece_bpe;
        d.tokens = {"<unk>", "a", "b", mark, mark + "a", "ab", "<0x63>"};
        d.types = {1, 1, 1, 1, 1, 1, 1};
        d.merges = {"a b", mark + " a"};
        d.unk_id = 0;
        d.fuse_unk = d.byte_fallback = true;
        d.normalizer = {{.kind = NormalizerStep::Kind::prepend, .content = mark},
                        {.kind = NormalizerStep::Kind::replace, .pattern = " ", .content = mark}};
        all.push_back({"pieces, merges, unknowns and bytes", d,
                       {{"ab", {3, 5}}, {"a a", {4, 4}}, {"acb", {4, 6, 2}}, {"axyb", {4, 0, 2}}}});
    }
    {
        TokenizerData d;
        d.kind = TokenizerKind::piece_bpe;
        d.tokens = {"a", "b", mark, mark + "a"};
        d.types = {1, 1, 1, 1};
        d.merges = {mark + " a"};
        d.pre_steps = {{.kind = Step::Kind::metaspace, .pattern = mark, .use_regex = true, .prepend = Step::Prepend::first}};
        all.push_back({"pieces, metaspace", d, {{"a a", {3, 3}}, {" a", {3}}, {"b", {2, 1}}, {"xa", {3}}}});
    }
    {
        TokenizerData d;
        d.kind = TokenizerKind::unigram;
        d.tokens = {"<unk>", "a", "b", "ab", mark, mark + "a"};
        d.types = {1, 1, 1, 1, 1, 1};
        d.scores = {0, -2, -2, -3, -1, -2.5};
        d.unk_id = 0;
        d.fuse_unk = true;
        d.normalizer = {{.kind = NormalizerStep::Kind::nfkc}, {.kind = NormalizerStep::Kind::replace, .pattern = " ", .content = mark}};
        // " ab": mark+a, b is -4.5; mark, ab is -4; "xyb": one unknown for both.
        all.push_back({"unigram", d, {{" ab", {4, 3}}, {"xyb", {0, 2}}, {"a\u2003\uFF41", {1, 5}}}});
    }
    return all;
}

}  // namespace airframe::test

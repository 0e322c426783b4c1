// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tokenizer_check.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "core/base/error.h"
#include "core/formats/pre_tokenizer_table.h"

namespace airframe {

TokenizerData checkedTokenizer(TokenizerData data, const std::string& where) {
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, where + ": tokenizer", what); };
    if (data.tokens.empty()) fail("the vocabulary is empty");
    if (data.tokens.size() > INT_MAX) fail("the vocabulary has " + std::to_string(data.tokens.size()) + " tokens");
    const auto size = static_cast<std::int32_t>(data.tokens.size());
    if (data.types.size() != data.tokens.size()) {
        fail(std::to_string(data.types.size()) + " token types for " + std::to_string(size) + " tokens");
    }
    for (const int type : data.types) {
        if (type < 1 || type > 6) fail("token types go from 1 to 6, found " + std::to_string(type));
    }
    for (const int id : {data.bos_id, data.eos_id, data.unk_id}) {
        if (id < -1 || id >= size) fail("the special id " + std::to_string(id) + " is outside the vocabulary");
    }
    if (data.add_bos && data.bos_id < 0) fail("a BOS token is to be added, but none is named");
    if (data.add_eos && data.eos_id < 0) fail("an EOS token is to be added, but none is named");
    if (!data.scores.empty() && data.scores.size() != data.tokens.size()) {
        fail(std::to_string(data.scores.size()) + " scores for " + std::to_string(size) + " tokens");
    }
    for (const double score : data.scores) {
        if (!std::isfinite(score)) fail("a score is not a finite number");
    }
    if (data.kind == TokenizerKind::unigram && data.scores.empty()) fail("a unigram model without scores");
    for (std::size_t i = 0; i < data.added.size(); ++i) {
        if (data.added[i].id < (i ? data.added[i - 1].id + 1 : 0) || data.added[i].id >= size) {
            fail("the added token " + std::to_string(data.added[i].id) + " is outside the vocabulary or listed twice");
        }
    }
    const auto& steps = data.pre.empty() ? data.pre_steps : knownPreTokenizer(data.pre, where).steps;
    const bool of_bytes = std::any_of(steps.begin(), steps.end(), [](const PreTokenizerStep& step) {
        return step.kind == PreTokenizerStep::Kind::byte_level;
    });
    if (of_bytes != (data.kind == TokenizerKind::byte_bpe)) {
        fail(of_bytes ? "a vocabulary of pieces with a pre-tokenizer that gives bytes"
                      : "a vocabulary of bytes without the pre-tokenizer ByteLevel");
    }
    return data;
}

}  // namespace airframe

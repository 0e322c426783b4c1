// SPDX-License-Identifier: GPL-3.0-or-later
// The order of work is that of https://huggingface.co/docs/tokenizers/pipeline: added tokens, normalisation, added tokens that
// are found in normalised text, pre-tokenizer, the model's tokens for each piece.
#include "core/formats/tokenizer.h"

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/formats/added_tokens.h"
#include "core/formats/bpe.h"
#include "core/formats/byte_alphabet.h"
#include "core/formats/normalizer.h"
#include "core/formats/pre_tokenizer.h"
#include "core/formats/pre_tokenizer_table.h"
#include "core/formats/space_mark.h"
#include "core/formats/text_index.h"
#include "core/formats/token_bytes.h"
#include "core/formats/tokenizer_check.h"
#include "core/formats/unigram.h"
#include "core/formats/word_cache.h"

namespace airframe {
namespace {

std::unique_ptr<const PieceEncoder> makeEncoder(const TokenizerData& data, const TextIndex& index, const std::string& where) {
    if (data.kind == TokenizerKind::unigram) return std::make_unique<Unigram>(data, index);
    return std::make_unique<Bpe>(data, index, where);
}

}  // namespace

struct Tokenizer::Impl {
    TokenizerData data;
    Normalizer normalizer;
    PreTokenizer pre;
    TextIndex index;
    std::unique_ptr<const PieceEncoder> encoder;
    AddedTokens raw_added, normalized_added;
    TokenBytes bytes;
    bool cut_at_marks;  // not in a unigram model: where sums are equal but for rounding, all the text before decides

    Impl(TokenizerData given, const std::string& where)
        : data(checkedTokenizer(std::move(given), where)),
          normalizer(data.normalizer, where),
          pre(data.pre.empty() ? data.pre_steps : knownPreTokenizer(data.pre, where).steps, where),
          index(data.tokens),
          encoder(makeEncoder(data, index, where)),
          raw_added(data, false, normalizer),
          normalized_added(data, true, normalizer),
          bytes(data),
          cut_at_marks(data.kind == TokenizerKind::piece_bpe && marksBeginTokens(data.tokens)) {}
};

Tokenizer::Tokenizer(TokenizerData data, const std::string& where)
    : m(std::make_unique<const Impl>(std::move(data), where)) {}

Tokenizer::~Tokenizer() = default;

namespace {

/// Calls `plain(begin, end)` for what lies between the added tokens of `text`, and puts their ids between.
template <class Plain>
void betweenAdded(const AddedTokens& added, std::string_view text, bool control, std::vector<std::int32_t>& ids, const Plain& plain) {
    std::size_t at = 0;
    while (const auto found = added.find(text, at, control)) {
        if (at < found->begin) plain(at, found->begin);
        ids.push_back(found->id);
        at = found->end;
    }
    if (at < text.size()) plain(at, text.size());
}

}  // namespace

std::vector<std::int32_t> Tokenizer::encode(std::string_view text, bool special) const {
    std::string valid, storage;
    if (firstInvalidUtf8(text) != std::string_view::npos) {
        valid = toValidUtf8(text);
        text = valid;
    }
    std::vector<std::int32_t> ids;
    ids.reserve(text.size() / 3 + 2);
    if (m->data.add_bos) ids.push_back(m->data.bos_id);

    WordCache cache(text.size());
    const auto make = [&](std::string_view piece, std::vector<std::int32_t>& out) { m->encoder->encode(piece, out); };
    const PreTokenizer::Sink piece = [&](std::string_view part) {
        if (!m->cut_at_marks) return cache.append(part, ids, make);
        for (std::size_t at = 0; at < part.size();) {
            const std::size_t end = nextMark(part, at);
            cache.append(part.substr(at, end - at), ids, make);
            at = end;
        }
    };
    betweenAdded(m->raw_added, text, special, ids, [&](std::size_t begin, std::size_t end) {
        const std::string_view normalized = m->normalizer.normalize(text.substr(begin, end - begin), storage);
        betweenAdded(m->normalized_added, normalized, special, ids, [&](std::size_t from, std::size_t to) {
            m->pre.split(normalized.substr(from, to - from), begin == 0 && from == 0, piece);
        });
    });
    if (m->data.add_eos) ids.push_back(m->data.eos_id);
    return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
        if (id < 0 || id >= size()) {
            throw Failure(ErrorCode::bad_input, "id " + std::to_string(id),
                          "is outside the vocabulary of " + std::to_string(size()));
        }
        text += m->bytes.of(id);
    }
    return text;
}

int Tokenizer::size() const { return static_cast<int>(m->data.tokens.size()); }

std::int32_t Tokenizer::id(std::string_view text) const {
    // The ways a vocabulary may spell a text; what it stands for decides.
    for (const std::string& spelling : m->bytes.spellings(text)) {
        const std::int32_t found = m->index.find(spelling);
        if (found >= 0 && m->bytes.of(found) == text) return found;
    }
    return -1;
}

const TokenizerData& Tokenizer::data() const { return m->data; }

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tokenizer.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/formats/bpe.h"
#include "core/formats/byte_alphabet.h"
#include "core/formats/pre_tokenizer.h"

namespace airframe {
namespace {

constexpr int control = 3, user_defined = 4;  // GGUF's token types

std::unordered_map<std::string_view, std::int32_t> indexOf(const std::vector<std::string>& tokens) {
    std::unordered_map<std::string_view, std::int32_t> result;
    result.reserve(tokens.size() * 2);
    for (std::size_t i = 0; i < tokens.size(); ++i) result.emplace(tokens[i], static_cast<std::int32_t>(i));
    return result;
}

/// Checked before anything is built from the data.
TokenizerData checked(TokenizerData data, const std::string& where) {
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, where + ": tokenizer", what); };
    if (data.tokens.empty()) fail("the vocabulary is empty");
    if (data.types.size() != data.tokens.size()) {
        fail(std::to_string(data.types.size()) + " token types for " + std::to_string(data.tokens.size()) + " tokens");
    }
    for (const int type : data.types) {
        if (type < 1 || type > 6) fail("token types go from 1 to 6, found " + std::to_string(type));
    }
    const int size = static_cast<int>(data.tokens.size());
    for (const int id : {data.bos_id, data.eos_id}) {
        if (id < -1 || id >= size) fail("the special id " + std::to_string(id) + " is outside the vocabulary");
    }
    if (data.add_bos && data.bos_id < 0) fail("a BOS token is to be added, but none is named");
    return data;
}

}  // namespace

struct Tokenizer::Impl {
    struct Special {
        std::string_view text;
        std::int32_t id;
        bool control;
    };
    struct Found {
        std::size_t at, length;
        std::int32_t id;
    };

    TokenizerData data;
    PreTokenizer pre;
    Bpe bpe;
    std::vector<std::string> bytes;                               // [vocab] what each token stands for
    std::unordered_map<std::string_view, std::int32_t> of_bytes;  // into `bytes`
    std::vector<Special> specials;                                // longest first
    bool starts_special[256] = {};

    Impl(TokenizerData given, const std::string& where)
        : data(checked(std::move(given), where)), pre(data.pre, where), bpe(data, indexOf(data.tokens), where) {
        bytes.reserve(data.tokens.size());
        for (std::size_t i = 0; i < data.tokens.size(); ++i) {
            const bool plain = data.types[i] == control || data.types[i] == user_defined;
            bytes.push_back(plain ? data.tokens[i] : bytesOf(data.tokens[i]));
            if (!plain || data.tokens[i].empty()) continue;
            specials.push_back({data.tokens[i], static_cast<std::int32_t>(i), data.types[i] == control});
            starts_special[static_cast<unsigned char>(data.tokens[i][0])] = true;
        }
        std::stable_sort(specials.begin(), specials.end(),
                         [](const Special& a, const Special& b) { return a.text.size() > b.text.size(); });
        of_bytes = indexOf(bytes);
    }

    /// The first special token of `text` at or after `from`; among several at one place the longest.
    std::optional<Found> findSpecial(std::string_view text, std::size_t from, bool with_control) const {
        for (std::size_t at = from; at < text.size(); ++at) {
            if (!starts_special[static_cast<unsigned char>(text[at])]) continue;
            for (const Special& special : specials) {
                if (special.control && !with_control) continue;
                if (text.substr(at, special.text.size()) == special.text) return Found{at, special.text.size(), special.id};
            }
        }
        return std::nullopt;
    }
};

Tokenizer::Tokenizer(TokenizerData data, const std::string& where)
    : m(std::make_unique<const Impl>(std::move(data), where)) {}

Tokenizer::~Tokenizer() = default;

std::vector<std::int32_t> Tokenizer::encode(std::string_view text, bool special) const {
    std::string valid;
    if (firstInvalidUtf8(text) != std::string_view::npos) {
        valid = toValidUtf8(text);
        text = valid;
    }
    std::vector<std::int32_t> ids;
    ids.reserve(text.size() / 3 + 2);
    if (m->data.add_bos) ids.push_back(m->data.bos_id);

    // Pieces repeat: each different one is merged once per call, and found again where its ids lie in `ids`.
    std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> seen;
    const auto piece = [&](std::string_view part) {
        const auto [it, fresh] = seen.try_emplace(part, ids.size(), 0);
        auto& [at, count] = it->second;
        if (fresh) {
            m->bpe.encode(part, ids);
            count = ids.size() - at;
            return;
        }
        for (std::size_t i = 0; i < count; ++i) ids.push_back(ids[at + i]);
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto found = m->findSpecial(text, at, special);
        m->pre.split(text.substr(at, found ? found->at - at : std::string_view::npos), piece);
        if (!found) break;
        ids.push_back(found->id);
        at = found->at + found->length;
    }
    return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= m->bytes.size()) {
            throw Failure(ErrorCode::bad_input, "id " + std::to_string(id),
                          "is outside the vocabulary of " + std::to_string(m->bytes.size()));
        }
        text += m->bytes[static_cast<std::size_t>(id)];
    }
    return text;
}

int Tokenizer::size() const { return static_cast<int>(m->bytes.size()); }

std::int32_t Tokenizer::id(std::string_view text) const {
    const auto it = m->of_bytes.find(text);
    return it == m->of_bytes.end() ? -1 : it->second;
}

const TokenizerData& Tokenizer::data() const { return m->data; }

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/token_bytes.h"

#include "core/formats/byte_alphabet.h"
#include "core/formats/byte_tokens.h"

namespace airframe {
namespace {

std::string spaceOf(const TokenizerData& data) {
    for (const NormalizerStep& step : data.normalizer) {
        if (step.kind == NormalizerStep::Kind::replace && step.pattern == " ") return step.content;
    }
    for (const PreTokenizerStep& step : data.pre_steps) {
        if (step.kind == PreTokenizerStep::Kind::metaspace) return step.pattern;
    }
    return {};
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at; (at = text.find(from, copied)) != std::string_view::npos; copied = at + from.size()) {
        out.append(text.substr(copied, at - copied)).append(to);
    }
    return out.append(text.substr(copied));
}

}  // namespace

TokenBytes::TokenBytes(const TokenizerData& data) : m_data(data), m_space(spaceOf(data)) {
    m_begin.reserve(data.tokens.size() + 1);
    m_begin.push_back(0);
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const std::string& token = data.tokens[i];
        if (data.types[i] == 3 || data.types[i] == 4) {
            m_text += token;
        } else if (data.kind == TokenizerKind::byte_bpe) {
            appendBytesOf(token, m_text);
        } else if (const int byte = data.byte_fallback ? byteOfToken(token) : -1; byte >= 0) {
            m_text += static_cast<char>(byte);
        } else if (!m_space.empty()) {
            m_text += replaced(token, m_space, " ");
        } else {
            m_text += token;
        }
        m_begin.push_back(m_text.size());
    }
}

std::vector<std::string> TokenBytes::spellings(std::string_view bytes) const {
    std::vector<std::string> result;
    if (m_data.kind == TokenizerKind::byte_bpe) {
        result.emplace_back();
        for (const char c : bytes) result.back() += byteCharacters()[static_cast<unsigned char>(c)];
    } else {
        if (!m_space.empty()) result.push_back(replaced(bytes, " ", m_space));
        if (bytes.size() == 1) result.push_back(byteTokenText(static_cast<unsigned char>(bytes[0])));
    }
    result.emplace_back(bytes);
    return result;
}

}  // namespace airframe

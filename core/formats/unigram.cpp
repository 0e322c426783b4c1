// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/unigram.h"

#include <algorithm>
#include <limits>

#include "core/formats/byte_tokens.h"
#include "core/formats/character_class.h"

namespace airframe {

Unigram::Unigram(const TokenizerData& data, const TextIndex& index) : m_data(data) {
    m_byte_ids.fill(-1);
    if (data.byte_fallback) m_byte_ids = byteTokenIds(index);
    double worst = std::numeric_limits<double>::infinity();
    for (std::size_t id = 0; id < data.tokens.size(); ++id) {
        if (data.types[id] != 1) continue;
        worst = std::min(worst, data.scores[id]);
        if (!data.tokens[id].empty()) m_tokens.add(data.tokens[id], static_cast<std::int32_t>(id));
    }
    m_unknown_score = (worst == std::numeric_limits<double>::infinity() ? 0 : worst) - 10;
}

void Unigram::encode(std::string_view piece, std::vector<std::int32_t>& out) const {
    constexpr std::int32_t unknown = -2, unreached = -1;
    /// The best way to a place between two characters.
    struct Best {
        double score = 0;
        std::size_t from = 0;
        std::int32_t id = unreached;
    };
    thread_local std::vector<Best> best;
    best.assign(piece.size() + 1, {});
    for (std::size_t at = 0; at < piece.size(); at += utf8Length(piece[at])) {
        const double here = best[at].score;
        const std::size_t one = utf8Length(piece[at]);
        const auto offer = [&](std::size_t length, double score, std::int32_t id) {
            Best& target = best[at + length];
            const double sum = m_data.float_scores ? static_cast<double>(static_cast<float>(here + score)) : here + score;
            if (target.id == unreached || sum > target.score) target = {sum, at, id};
        };
        bool has_one = false;
        m_tokens.match(piece, at, [&](std::int32_t id, std::size_t length) {
            offer(length, m_data.scores[static_cast<std::size_t>(id)], id);
            has_one = has_one || length == one;
        });
        if (!has_one) offer(one, m_unknown_score, unknown);
    }
    struct Part {
        std::size_t begin, end;
        std::int32_t id;
    };
    thread_local std::vector<Part> parts;  // from the end
    parts.clear();
    for (std::size_t at = piece.size(); at > 0; at = best[at].from) {
        if (m_data.fuse_unk && best[at].id == unknown && !parts.empty() && parts.back().id == unknown) parts.back().begin = best[at].from;
        else parts.push_back({best[at].from, at, best[at].id});
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (part->id != unknown) {
            out.push_back(part->id);
            continue;
        }
        const std::string_view text = piece.substr(part->begin, part->end - part->begin);
        const auto byteId = [&](char c) { return m_byte_ids[static_cast<unsigned char>(c)]; };
        if (std::all_of(text.begin(), text.end(), [&](char c) { return byteId(c) >= 0; })) {
            for (const char c : text) out.push_back(byteId(c));
        } else if (m_data.unk_id >= 0) {
            out.push_back(m_data.unk_id);
        }
    }
}

}  // namespace airframe

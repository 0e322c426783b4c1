// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/bpe.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/formats/byte_alphabet.h"
#include "core/formats/byte_tokens.h"
#include "core/formats/character_class.h"
#include "core/formats/score_merges.h"

namespace airframe {
namespace {

/// A pair that can merge; stale once either side has changed.
struct Waiting {
    std::int32_t rank, at, left, right, result;
    bool operator<(const Waiting& o) const { return rank != o.rank ? rank > o.rank : at > o.at; }  // best on top of the heap
};

}  // namespace

Bpe::Bpe(const TokenizerData& data, const TextIndex& index, const std::string& where)
    : m_data(data), m_index(index), m_merges(data.merges.size()) {
    if (data.kind == TokenizerKind::byte_bpe) {
        for (std::size_t b = 0; b < 256; ++b) m_byte_ids[b] = index.find(byteCharacters()[b]);
    } else if (data.byte_fallback) {
        m_byte_ids = byteTokenIds(index);
    }
    readMerges(where);
    if (!data.merges.empty() || data.scores.empty()) return;
    for (const ScoreMerge& merge : scoreMerges(data, index)) addMerge(merge.left, merge.right, {merge.rank, merge.result});
}

void Bpe::addMerge(std::int32_t left, std::int32_t right, const Merge& merge) {
    m_merges.insert(static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right), merge);
}

void Bpe::readMerges(const std::string& where) {
    std::string joined;
    for (std::size_t rank = 0; rank < m_data.merges.size(); ++rank) {
        const std::string_view line = m_data.merges[rank];
        const auto fail = [&](const std::string& what) {
            throw Failure(ErrorCode::bad_input, where + ": merge " + std::to_string(rank), what,
                          "vocabulary and merges do not belong together");
        };
        const std::size_t space = line.find(' ');
        if (space == 0 || space == std::string_view::npos || space + 1 == line.size() ||
            line.find(' ', space + 1) != std::string_view::npos) {
            fail("two tokens with one space between were wanted, found \"" + std::string(line) + "\"");
        }
        joined.assign(line.substr(0, space)).append(line.substr(space + 1));
        const std::int32_t left = m_index.find(line.substr(0, space)), right = m_index.find(line.substr(space + 1)),
                           result = m_index.find(joined);
        if (left < 0 || right < 0 || result < 0) {
            fail("\"" + std::string(line) + "\" names or makes a token that is not in the vocabulary");
        }
        addMerge(left, right, {static_cast<std::int32_t>(rank), result});
    }
}

void Bpe::start(std::string_view piece, std::vector<std::int32_t>& out) const {
    const bool of_bytes = m_data.kind == TokenizerKind::byte_bpe;
    const auto byteId = [&](char c) { return m_byte_ids[static_cast<unsigned char>(c)]; };
    bool after_unknown = false;
    for (std::size_t at = 0; at < piece.size();) {
        const std::string_view symbol = piece.substr(at, of_bytes ? 1 : utf8Length(piece[at]));
        at += symbol.size();
        const std::int32_t id = of_bytes ? byteId(symbol[0]) : m_index.find(symbol);
        if (id >= 0) {
            out.push_back(id);
        } else if (!of_bytes && m_data.byte_fallback && std::all_of(symbol.begin(), symbol.end(), [&](char c) { return byteId(c) >= 0; })) {
            for (const char c : symbol) out.push_back(byteId(c));
        } else {
            if (m_data.unk_id >= 0 && !(m_data.fuse_unk && after_unknown)) out.push_back(m_data.unk_id);
            after_unknown = true;
            continue;
        }
        after_unknown = false;
    }
}

std::int32_t Bpe::whole(std::string_view piece) const {
    if (m_data.kind != TokenizerKind::byte_bpe) return m_index.find(piece);
    std::string text;
    for (const char c : piece) text += byteCharacters()[static_cast<unsigned char>(c)];
    return m_index.find(text);
}

void Bpe::encode(std::string_view piece, std::vector<std::int32_t>& out) const {
    struct Symbol {
        std::int32_t id, previous, next;
    };
    thread_local std::vector<std::int32_t> begin;
    thread_local std::vector<Symbol> symbols;
    thread_local std::vector<Waiting> heap;
    if (m_data.ignore_merges) {
        if (const std::int32_t id = whole(piece); id >= 0) return out.push_back(id);
    }
    begin.clear();
    start(piece, begin);
    if (begin.empty()) return;
    symbols.clear();
    heap.clear();
    for (const std::int32_t id : begin) {
        const auto at = static_cast<std::int32_t>(symbols.size());
        symbols.push_back({id, at - 1, at + 1});
    }
    symbols.back().next = -1;
    const auto offer = [&](std::int32_t at) {
        const Symbol& s = symbols[static_cast<std::size_t>(at)];
        if (s.next < 0) return;
        const std::int32_t right = symbols[static_cast<std::size_t>(s.next)].id;
        if (const Merge* merge = m_merges.find(static_cast<std::uint32_t>(s.id), static_cast<std::uint32_t>(right))) {
            heap.push_back({merge->rank, at, s.id, right, merge->result});
            std::push_heap(heap.begin(), heap.end());
        }
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) offer(static_cast<std::int32_t>(i));
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end());
        const Waiting best = heap.back();
        heap.pop_back();
        Symbol& left = symbols[static_cast<std::size_t>(best.at)];
        if (left.id != best.left || left.next < 0) continue;
        Symbol& right = symbols[static_cast<std::size_t>(left.next)];
        if (right.id != best.right) continue;
        left.id = best.result;
        right.id = -1;  // gone: no waiting pair names it any more
        left.next = right.next;
        if (right.next >= 0) symbols[static_cast<std::size_t>(right.next)].previous = best.at;
        if (left.previous >= 0) offer(left.previous);
        offer(best.at);
    }
    for (std::int32_t at = 0; at >= 0; at = symbols[static_cast<std::size_t>(at)].next) {
        out.push_back(symbols[static_cast<std::size_t>(at)].id);
    }
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/bpe.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/formats/byte_alphabet.h"

namespace airframe {
namespace {

std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

/// A pair that can merge; stale once either side has changed.
struct Waiting {
    std::int32_t rank, at, left, right, result;
    bool operator<(const Waiting& o) const { return rank != o.rank ? rank > o.rank : at > o.at; }  // best on top of the heap
};

}  // namespace

Bpe::Bpe(const TokenizerData& data, const std::unordered_map<std::string_view, std::int32_t>& id_of,
         const std::string& where) {
    for (std::size_t b = 0; b < 256; ++b) {
        const auto it = id_of.find(byteCharacters()[b]);
        m_byte_ids[b] = it == id_of.end() ? -1 : it->second;
    }
    m_merges.reserve(data.merges.size() * 2);
    std::string joined;
    for (std::size_t rank = 0; rank < data.merges.size(); ++rank) {
        const std::string_view line = data.merges[rank];
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
        const auto left = id_of.find(line.substr(0, space)), right = id_of.find(line.substr(space + 1)),
                   result = id_of.find(joined);
        if (left == id_of.end() || right == id_of.end() || result == id_of.end()) {
            fail("\"" + std::string(line) + "\" names or makes a token that is not in the vocabulary");
        }
        m_merges.emplace(pairKey(left->second, right->second), Merge{static_cast<std::int32_t>(rank), result->second});
    }
}

const Bpe::Merge* Bpe::find(std::int32_t left, std::int32_t right) const {
    const auto it = m_merges.find(pairKey(left, right));
    return it == m_merges.end() ? nullptr : &it->second;
}

void Bpe::encode(std::string_view piece, std::vector<std::int32_t>& out) const {
    struct Symbol {
        std::int32_t id, previous, next;
    };
    thread_local std::vector<Symbol> symbols;
    thread_local std::vector<Waiting> heap;
    symbols.clear();
    heap.clear();
    for (const char c : piece) {
        const std::int32_t id = m_byte_ids[static_cast<unsigned char>(c)];
        if (id < 0) continue;
        const auto at = static_cast<std::int32_t>(symbols.size());
        symbols.push_back({id, at - 1, at + 1});
    }
    if (symbols.empty()) return;
    symbols.back().next = -1;
    const auto offer = [&](std::int32_t at) {
        const Symbol& s = symbols[static_cast<std::size_t>(at)];
        if (s.next < 0) return;
        const std::int32_t right = symbols[static_cast<std::size_t>(s.next)].id;
        if (const Merge* merge = find(s.id, right)) {
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

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/formats/pair_map.h"

namespace airframe {

/// Texts that are looked for from a place in a longer text: all of them that begin there, in one walk. Filled by one thread,
/// then read by any.
class ByteTrie {
  public:
    /// `text` must not be empty. Of equal texts the first one stays.
    void add(std::string_view text, std::int32_t id) {
        m_starts[static_cast<unsigned char>(text[0])] = true;
        std::uint32_t node = 0;
        for (const char c : text) {
            const auto fresh = static_cast<std::uint32_t>(m_ids.size());
            node = m_children.insert(node, static_cast<unsigned char>(c), fresh);
            if (node == fresh) m_ids.push_back(-1);
        }
        if (m_ids[node] < 0) m_ids[node] = id;
    }
    /// Calls `found(id, length)` for each text that stands at `at`, the shortest first.
    template <class Found>
    void match(std::string_view text, std::size_t at, Found&& found) const {
        if (!m_starts[static_cast<unsigned char>(text[at])]) return;
        std::uint32_t node = 0;
        for (std::size_t i = at; i < text.size(); ++i) {
            const std::uint32_t* next = m_children.find(node, static_cast<unsigned char>(text[i]));
            if (!next) return;
            node = *next;
            if (m_ids[node] >= 0) found(m_ids[node], i + 1 - at);
        }
    }
    [[nodiscard]] bool empty() const { return m_ids.size() == 1; }
    /// Whether some text begins with this byte.
    [[nodiscard]] bool startsWith(char c) const { return m_starts[static_cast<unsigned char>(c)]; }

  private:
    PairMap<std::uint32_t> m_children;           // (node, byte) -> node
    std::vector<std::int32_t> m_ids{-1};         // [node] -1: no text ends here
    bool m_starts[256] = {};
};

}  // namespace airframe

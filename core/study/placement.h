// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// One block id per layer, in layer order ("attn", "jet", ...). A value; its text is its identity.
/// Text form: runs with counts, "jet*14,attn,jet*4,attn,jet*10".
class Placement {
  public:
    Placement() = default;
    explicit Placement(std::vector<std::string> blocks) : m_blocks(std::move(blocks)) {}
    /// Throws Failure(bad_input, where "placement") for a syntax error, an unknown block id, a count < 1, or, if
    /// `layers` > 0, a length other than `layers` (both lengths named).
    [[nodiscard]] static Placement parse(std::string_view text, int layers = 0);
    /// `layers` blocks of `base` with "attn" at the given layers.
    [[nodiscard]] static Placement withFull(int layers, const std::vector<int>& full, const std::string& base = "jet");
    [[nodiscard]] static Placement uniform(int layers, int full, const std::string& base = "jet");  ///< floor((i+0.5)L/K)
    [[nodiscard]] static Placement last(int layers, int full, const std::string& base = "jet");

    [[nodiscard]] std::string text() const;  ///< canonical: longest runs, no "*1"
    [[nodiscard]] int size() const { return static_cast<int>(m_blocks.size()); }
    [[nodiscard]] const std::string& operator[](int layer) const { return m_blocks[static_cast<std::size_t>(layer)]; }
    [[nodiscard]] const std::vector<std::string>& blocks() const { return m_blocks; }
    [[nodiscard]] std::vector<int> fullLayers() const;  ///< layers whose block is "attn"
    [[nodiscard]] bool allFull() const;                 ///< the teacher: every block is "attn"
    friend auto operator<=>(const Placement&, const Placement&) = default;

  private:
    std::vector<std::string> m_blocks;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe::jinja {

/// What one rendering may use. A template comes with a model from anywhere, so every loop, copy and search is paid for here
/// before it happens; whoever would overdraw gets a Trouble. Not thread-safe: one per rendering.
class Budget {
  public:
    static constexpr std::size_t max_steps = 2'000'000;    ///< nodes evaluated, items visited, names looked up
    static constexpr std::size_t max_bytes = 128u << 20;   ///< of all values ever made and all text ever scanned
    static constexpr std::size_t max_text = 16u << 20;     ///< of one text, the rendered conversation included
    static constexpr std::size_t max_items = 100'000;      ///< of one list; the published sandbox's limit of range()
    static constexpr int max_value_depth = 64;             ///< of lists and dictionaries inside each other
    static constexpr int max_call_depth = 600;             ///< of expressions and blocks being evaluated inside each other

    /// Throws Trouble if fewer than `count` steps are left.
    void step(std::size_t count = 1);
    /// Throws Trouble if fewer than `count` bytes are left.
    void bytes(std::size_t count);
    /// Pays for a text of `size` bytes. Throws Trouble if it is too long or the bytes are used up.
    void text(std::size_t size);
    /// Pays for a list or dictionary of `count` entries that nests `depth` levels. Throws Trouble as the others do.
    void container(std::size_t count, int depth);

    /// One level of evaluation, left again at the end of its life. Throws Trouble at max_call_depth.
    class Level {
      public:
        explicit Level(Budget& budget);
        ~Level() { --m_budget.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        Budget& m_budget;
    };

  private:
    std::size_t m_steps = 0, m_bytes = 0;
    int m_depth = 0;
};

}  // namespace airframe::jinja

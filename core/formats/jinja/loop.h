// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// The variable `loop` of a for loop: index, index0, revindex, revindex0, first, last, length, previtem, nextitem,
/// cycle(), and depth, which counts recursive loops only and so is 1. One object for all rounds.
class Loop final : public Object, public std::enable_shared_from_this<Loop> {
  public:
    explicit Loop(std::shared_ptr<const List> items) : m_items(std::move(items)) {}
    void enter(std::size_t round) { m_round = round; }
    [[nodiscard]] std::size_t round() const { return m_round; }

    [[nodiscard]] std::string typeName() const override { return "loop"; }
    [[nodiscard]] Value attribute(Budget& budget, const std::string& name) override;

  private:
    std::shared_ptr<const List> m_items;
    std::size_t m_round = 0;
};

}  // namespace airframe::jinja

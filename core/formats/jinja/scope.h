// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// The names of one block. Reading goes outwards; giving a value never does: what a loop sets ends with its round.
/// Names are views into the template's tree or into the variables of the rendering, which both live longer.
class Scope {
  public:
    explicit Scope(std::shared_ptr<Scope> parent = nullptr) : m_parent(std::move(parent)) {}

    void set(std::string_view name, Value value) { m_values.insert_or_assign(name, std::move(value)); }
    /// nullptr if the name has no value here or further out.
    [[nodiscard]] const Value* find(Budget& budget, std::string_view name) const {
        for (const Scope* scope = this; scope; scope = scope->m_parent.get()) {
            budget.step();
            const auto it = scope->m_values.find(name);
            if (it != scope->m_values.end()) return &it->second;
        }
        return nullptr;
    }
    void clear() { m_values.clear(); }

  private:
    std::shared_ptr<Scope> m_parent;
    std::map<std::string_view, Value> m_values;
};

}  // namespace airframe::jinja

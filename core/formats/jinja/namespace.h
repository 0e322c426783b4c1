// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// namespace(): the one value whose attributes {% set %} can change, also from inside a loop. Only the Evaluator makes
/// them, because a namespace may come to hold itself.
class Namespace final : public Object {
  public:
    [[nodiscard]] std::string typeName() const override { return "namespace"; }
    [[nodiscard]] Value attribute(Budget&, const std::string& name) override {
        const auto it = m_values.find(name);
        return it != m_values.end() ? it->second : Value::undefined("the namespace has no attribute '" + name + "'");
    }
    void assign(const std::string& name, Value value) override { m_values.insert_or_assign(name, std::move(value)); }
    void clear() { m_values.clear(); }

  private:
    std::map<std::string, Value> m_values;
};

}  // namespace airframe::jinja

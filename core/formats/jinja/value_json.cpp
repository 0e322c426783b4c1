// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/value_json.h"

#include <limits>

#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {

Value fromJson(Budget& budget, const nlohmann::ordered_json& json) {
    const Budget::Level level(budget);
    if (json.is_null()) return {};
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_string()) return Value::text(budget, json.get<std::string>());
    if (json.is_number_float()) return json.get<double>();
    if (json.is_number_integer()) {
        if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
            throw Trouble("is given the number " + json.dump() + ", which is beyond 64 bits");
        }
        return json.get<std::int64_t>();
    }
    if (json.is_array()) {
        std::vector<Value> items;
        for (const auto& item : json) items.push_back(fromJson(budget, item));
        return List::make(budget, List::Kind::list, std::move(items));
    }
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [key, value] : json.items()) entries.emplace_back(Value::text(budget, key), fromJson(budget, value));
    return Dict::make(budget, std::move(entries));
}

}  // namespace airframe::jinja

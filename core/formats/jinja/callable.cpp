// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/callable.h"

#include <algorithm>

#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {

std::vector<Value> Arguments::bind(std::string_view function, std::initializer_list<std::string_view> parameters,
                                   std::size_t needed) const {
    const std::string name(function);
    if (positional.size() > parameters.size()) {
        throw Trouble(name + "() takes at most " + std::to_string(parameters.size()) + " arguments, " +
                      std::to_string(positional.size()) + " are given");
    }
    std::vector<Value> result = positional;
    std::vector<bool> given(positional.size(), true);
    result.resize(parameters.size(), Value::undefined("a missing argument"));
    given.resize(parameters.size(), false);
    for (const auto& [key, value] : named) {
        const auto it = std::find(parameters.begin(), parameters.end(), key);
        const auto at = static_cast<std::size_t>(it - parameters.begin());
        if (it == parameters.end() || given[at]) {
            throw Trouble(name + "() has no use for the argument \"" + key + "\"" + (it == parameters.end() ? "" : " given twice"));
        }
        result[at] = value;
        given[at] = true;
    }
    for (std::size_t i = 0; i < needed; ++i) {
        if (!given[i]) throw Trouble(name + "() lacks the argument \"" + std::string(parameters.begin()[i]) + "\"");
    }
    return result;
}

}  // namespace airframe::jinja

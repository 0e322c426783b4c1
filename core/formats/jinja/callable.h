// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

class Evaluator;

/// Arguments of one call, evaluated.
struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// One value per parameter name in order, an Undefined where none was given. Throws Trouble naming `function` if there
    /// are too many, an unknown one, one twice, or fewer than `needed`.
    [[nodiscard]] std::vector<Value> bind(std::string_view function, std::initializer_list<std::string_view> parameters,
                                          std::size_t needed = 0) const;
};

/// Something that can be called: a method with its object, a macro, a global function.
class Callable {
  public:
    virtual ~Callable() = default;
    [[nodiscard]] virtual Value call(Evaluator& evaluator, const Arguments& arguments) const = 0;
    [[nodiscard]] virtual int depth() const { return 0; }  ///< of the values it holds on to
};

}  // namespace airframe::jinja

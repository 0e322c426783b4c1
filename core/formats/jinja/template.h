// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/jinja/syntax.h"

namespace airframe::jinja {

/// A parsed template of the part of Jinja that chat templates use, rendered with Python's meaning of values. It reads no
/// file and calls nothing but what is listed in this folder. Immutable after construction; any thread may render.
class Template {
  public:
    static constexpr std::size_t max_source = 1u << 18;  ///< bytes

    /// Throws Failure(bad_input, where + ", line N") for a template that is too long, not UTF-8, or not understood.
    Template(const std::string& source, std::string where);

    /// The text that the template makes of these variables. Throws Failure(bad_input) naming the line if the template refuses
    /// them (raise_exception), does something that has no meaning, or uses more than a Budget.
    [[nodiscard]] std::string render(const std::map<std::string, nlohmann::ordered_json>& variables,
                                     std::chrono::system_clock::time_point now) const;

  private:
    std::string m_where;
    Body m_body;
};

}  // namespace airframe::jinja

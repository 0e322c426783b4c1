// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace airframe::jinja {

/// What is wrong with a template or with what it asks for. Thrown below Template, which adds the name of the file and turns
/// it into a Failure(bad_input).
class Trouble : public std::runtime_error {
  public:
    explicit Trouble(const std::string& what, int line = 0) : std::runtime_error(what), m_line(line) {}
    [[nodiscard]] int line() const noexcept { return m_line; }  ///< of the template, from 1; 0 = where the evaluator stands

  private:
    int m_line;
};

}  // namespace airframe::jinja

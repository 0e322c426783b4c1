// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace airframe {

/// What kind of thing went wrong; the values are the exit codes of the command line.
enum class ErrorCode {
    internal = 1,     ///< a defect of ours
    options = 2,      ///< options wrong or missing
    bad_input = 3,    ///< a named thing is bad: file, id, task, placement, study version
    no_room = 4,      ///< not enough memory or disk
    interrupted = 5,  ///< stopped on request; results kept
};

/// One error, told so that a person can act on it. Plain data, any thread.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string where;  ///< file, tensor, layer, line, field or option
    std::string what;   ///< what was wanted and what was found
    std::string hint;   ///< what to do now; may be empty

    /// "error: WHERE: WHAT; HINT", always one line.
    [[nodiscard]] std::string line() const;
};

/// The one exception thrown inside core; the Engine's door converts it to an Error.
class Failure : public std::runtime_error {
  public:
    explicit Failure(Error error);
    Failure(ErrorCode code, std::string where, std::string what, std::string hint = {});
    [[nodiscard]] const Error& error() const noexcept { return m_error; }

  private:
    Error m_error;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <utility>

namespace airframe {

std::string Error::line() const {
    std::string out = "error: " + where + ": " + what;
    if (!hint.empty()) out += "; " + hint;
    for (char& c : out)
        if (c == '\n' || c == '\r') c = ' ';
    return out;
}

Failure::Failure(Error error) : std::runtime_error(error.line()), m_error(std::move(error)) {}

Failure::Failure(ErrorCode code, std::string where, std::string what, std::string hint)
    : Failure(Error{code, std::move(where), std::move(what), std::move(hint)}) {}

}  // namespace airframe

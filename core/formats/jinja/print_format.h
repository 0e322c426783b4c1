// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// Python's `format % values`: %s %r %d %i %x %f with the flags "-", "0", "+", width and precision, %(name)s, %%. Throws
/// Trouble for other conversions, and where the values do not fit.
[[nodiscard]] std::string formatted(Budget& budget, const std::string& format, const Value& values);

}  // namespace airframe::jinja

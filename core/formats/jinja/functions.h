// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>

#include "core/formats/jinja/callable.h"

namespace airframe::jinja {

/// The function that every chat template may call by this name: range, namespace, dict, raise_exception, strftime_now;
/// nullptr for any other name.
[[nodiscard]] std::shared_ptr<const Callable> findFunction(std::string_view name);

}  // namespace airframe::jinja

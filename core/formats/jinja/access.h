// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// `object.name`: a method or attribute, else the item of that name, else an Undefined. Throws Trouble if the object itself is
/// undefined. What the published sandbox keeps from templates (append, update, pop, ...) is undefined here too.
[[nodiscard]] Value attributeOf(Budget& budget, const Value& object, const std::string& name);
/// `object[key]`: an item, else the method of that name, else an Undefined. Fails as attributeOf() does.
[[nodiscard]] Value itemOf(Budget& budget, const Value& object, const Value& key);
/// What filters call an attribute: "a.b.0", or a position. Fails as attributeOf() does.
[[nodiscard]] Value pathOf(Budget& budget, const Value& object, const Value& path);

}  // namespace airframe::jinja

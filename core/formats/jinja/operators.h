// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include "core/formats/jinja/syntax.h"
#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// What Python's operators do to values. All throw Trouble naming the types for what Python refuses, and for whole numbers
/// that leave 64 bits.

[[nodiscard]] Value arithmetic(Budget& budget, Operator op, const Value& left, const Value& right);
[[nodiscard]] Value negated(const Value& value);
[[nodiscard]] bool equal(Budget& budget, const Value& left, const Value& right);
/// -1, 0 or 1.
[[nodiscard]] int order(Budget& budget, const Value& left, const Value& right);
[[nodiscard]] bool contains(Budget& budget, const Value& container, const Value& item);
[[nodiscard]] bool holds(Budget& budget, Relation relation, const Value& left, const Value& right);

/// What a for loop goes through: items, characters, keys. Spends a generator.
[[nodiscard]] std::shared_ptr<const List> iterated(Budget& budget, const Value& value);
[[nodiscard]] bool isIterable(const Value& value);
/// len(); nothing for what has none.
[[nodiscard]] std::optional<std::int64_t> lengthOf(const Value& value);
/// value[start:stop:step]; an absent bound is None.
[[nodiscard]] Value sliced(Budget& budget, const Value& value, const Value& start, const Value& stop, const Value& step);

}  // namespace airframe::jinja

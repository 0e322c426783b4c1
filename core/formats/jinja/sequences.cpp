// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

std::shared_ptr<const List> sharedList(Budget& budget, std::vector<Value> items) {
    const Value list = List::make(budget, List::Kind::list, std::move(items));
    return std::get<std::shared_ptr<const List>>(list.data());
}

/// Positions of a slice of `size` items, as Python clips them.
std::vector<std::int64_t> positions(std::int64_t size, const Value& start, const Value& stop, std::int64_t step) {
    const auto clipped = [&](const Value& bound, std::int64_t absent) {
        if (bound.isNone()) return absent;
        std::int64_t at = bound.integer("a bound of a slice");
        if (at < 0) at = at < -size ? -1 : at + size;
        return step > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
    };
    std::int64_t at = clipped(start, step > 0 ? 0 : size - 1);
    const std::int64_t end = clipped(stop, step > 0 ? size : -1);
    std::vector<std::int64_t> result;
    while (step > 0 ? at < end : at > end) {
        result.push_back(at);
        if (__builtin_add_overflow(at, step, &at)) break;
    }
    return result;
}

}  // namespace

bool isIterable(const Value& value) { return value.isUndefined() || value.asText() || value.asList() || value.asDict(); }

std::shared_ptr<const List> iterated(Budget& budget, const Value& value) {
    if (value.isUndefined()) return sharedList(budget, {});
    if (const std::string* text = value.asText()) {
        budget.container(text::length(*text), 1);
        std::vector<Value> items;
        for (const std::string_view character : text::characters(*text))
            items.push_back(Value::text(budget, std::string(character)));
        return sharedList(budget, std::move(items));
    }
    if (const Dict* dict = value.asDict()) {
        budget.step(dict->entries.size());
        std::vector<Value> keys;
        for (const auto& entry : dict->entries) keys.push_back(entry.first);
        return sharedList(budget, std::move(keys));
    }
    if (const List* list = value.asList()) {
        if (list->kind == List::Kind::generator && std::exchange(list->spent, true)) return sharedList(budget, {});
        budget.step(list->items.size());
        return std::get<std::shared_ptr<const List>>(value.data());
    }
    throw Trouble("cannot go through a value of type " + value.typeName());
}

std::optional<std::int64_t> lengthOf(const Value& value) {
    if (value.isUndefined()) return 0;
    if (const std::string* text = value.asText()) return static_cast<std::int64_t>(text::length(*text));
    if (const Dict* dict = value.asDict()) return static_cast<std::int64_t>(dict->entries.size());
    const List* list = value.asList();
    if (!list || list->kind == List::Kind::generator) return std::nullopt;
    return static_cast<std::int64_t>(list->items.size());
}

Value sliced(Budget& budget, const Value& value, const Value& start, const Value& stop, const Value& step) {
    const std::int64_t stride = step.isNone() ? 1 : step.integer("the step of a slice");
    if (stride == 0) throw Trouble("the step of a slice is zero");
    if (const std::string* text = value.asText()) {
        budget.bytes(text->size());
        const auto size = static_cast<std::int64_t>(text::length(*text));
        if (stride == 1) {
            const auto bound = [&](const Value& at, std::int64_t absent) {
                if (at.isNone()) return absent;
                const std::int64_t index = at.integer("a bound of a slice");
                return std::clamp<std::int64_t>(index < 0 ? (index < -size ? 0 : index + size) : index, 0, size);
            };
            const std::int64_t from = bound(start, 0), to = bound(stop, size);
            if (to <= from) return Value::text(budget, {});
            const std::size_t begin = text::offset(*text, static_cast<std::size_t>(from));
            const std::size_t length = text::offset(std::string_view(*text).substr(begin), static_cast<std::size_t>(to - from));
            return Value::text(budget, text->substr(begin, length));
        }
        budget.bytes(24 * text->size());  // of the two lists of places
        const auto characters = text::characters(*text);
        std::string out;
        for (const std::int64_t at : positions(size, start, stop, stride)) out += characters[static_cast<std::size_t>(at)];
        return Value::text(budget, std::move(out));
    }
    const List* list = value.asList();
    if (list && list->isSequence()) {
        budget.step(list->items.size());
        std::vector<Value> items;
        for (const std::int64_t at : positions(static_cast<std::int64_t>(list->items.size()), start, stop, stride)) {
            items.push_back(list->items[static_cast<std::size_t>(at)]);
        }
        return List::make(budget, list->kind, std::move(items));
    }
    if (const auto* missing = std::get_if<Undefined>(&value.data())) throw Trouble(*missing->why);
    throw Trouble("takes a slice of a value of type " + value.typeName());
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/access.h"

#include <algorithm>

#include "core/formats/jinja/methods.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// Names that Python has on a dictionary or list and the sandbox refuses: they hide an item of that name.
constexpr std::string_view guarded_dict[] = {"clear", "pop", "popitem", "setdefault", "update", "fromkeys"};
constexpr std::string_view guarded_list[] = {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"};

bool isGuarded(const Value& object, const std::string& name) {
    const auto in = [&](const auto& names) { return std::find(std::begin(names), std::end(names), name) != std::end(names); };
    if (object.asDict() && in(guarded_dict)) return true;
    return object.asList() && object.asList()->kind == List::Kind::list && in(guarded_list);
}

void checkDefined(const Value& object) {
    if (const auto* missing = std::get_if<Undefined>(&object.data())) throw Trouble(*missing->why);
}

/// The method or guarded name, or nothing.
bool ownAttribute(Budget& budget, const Value& object, const std::string& name, Value& result) {
    if (isGuarded(object, name)) {
        result = Value::undefined("'" + name + "' of a " + object.typeName() + " is closed to templates");
        return true;
    }
    const MethodRow* method = findMethod(object, name);
    if (!method) return false;
    budget.bytes(sizeof(Value));
    result = boundMethod(object, *method);
    return true;
}

/// A path of more parts leads nowhere.
constexpr std::int64_t max_path = 100;

Value missing(const Value& object, const std::string& name) {
    return Value::undefined("a " + object.typeName() + " has no '" + name.substr(0, 100) + "'");
}

/// object[key] without methods: true and the item, or false.
bool ownItem(Budget& budget, const Value& object, const Value& key, Value& result) {
    if (const Dict* dict = object.asDict()) {
        const Value* found = dict->find(budget, key);
        if (found) result = *found;
        return found != nullptr;
    }
    if (!key.isInteger() && !key.isBool()) return false;
    const std::int64_t at = key.integer("index");
    if (const std::string* text = object.asText()) {
        budget.bytes(text->size() / 8);
        const auto size = static_cast<std::int64_t>(text::length(*text));
        if (at < -size || at >= size) return false;
        const std::size_t begin = text::offset(*text, static_cast<std::size_t>(at < 0 ? at + size : at));
        const std::string_view rest = std::string_view(*text).substr(begin);
        result = Value::text(budget, std::string(rest.substr(0, text::offset(rest, 1))));
        return true;
    }
    const List* list = object.asList();
    if (!list || !list->isSequence()) return false;
    const auto size = static_cast<std::int64_t>(list->items.size());
    if (at < -size || at >= size) return false;
    result = list->items[static_cast<std::size_t>(at < 0 ? at + size : at)];
    return true;
}

}  // namespace

Value attributeOf(Budget& budget, const Value& object, const std::string& name) {
    checkDefined(object);
    if (Object* thing = object.asObject()) return thing->attribute(budget, name);
    Value result;
    if (ownAttribute(budget, object, name, result)) return result;
    if (const Dict* dict = object.asDict()) {
        if (const Value* found = dict->find(budget, name)) return *found;
    }
    return missing(object, name);
}

Value itemOf(Budget& budget, const Value& object, const Value& key) {
    checkDefined(object);
    const std::string* name = key.asText();
    if (Object* thing = object.asObject()) {
        if (name) return thing->attribute(budget, *name);
        return missing(object, represented(budget, key));
    }
    Value result;
    if (ownItem(budget, object, key, result)) return result;
    if (name && ownAttribute(budget, object, *name, result)) return result;
    return missing(object, name ? *name : key.isNumber() ? represented(budget, key) : key.typeName());
}

Value pathOf(Budget& budget, const Value& object, const Value& path) {
    const std::string* text = path.asText();
    if (!text) return itemOf(budget, object, path);
    Value value = object;
    budget.bytes(text->size());
    for (const std::string_view part : text::split(*text, ".", max_path, false)) {
        const bool digits = !part.empty() && part.size() < 10 &&
                            std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
        value =
            itemOf(budget, value,
                   digits ? Value(std::int64_t{std::stoi(std::string(part))}) : Value::text(budget, std::string(part)));
    }
    return value;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/formats/jinja/callable.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// Text that is equal for equal keys and for no others; nothing for what Python cannot hash.
std::optional<std::string> keyText(Budget& budget, const Value& key) {
    budget.step();
    if (const std::string* text = key.asText()) {
        budget.bytes(text->size());
        return "s" + *text;
    }
    if (key.isNone()) return "n";
    if (key.isUndefined()) return "u";
    if (key.isFloat()) {
        const double x = key.number();
        // 1.0 and 1 are one key. The bounds are exact doubles.
        if (x >= -0x1p63 && x < 0x1p63 && x == std::floor(x)) return "i" + std::to_string(static_cast<std::int64_t>(x));
        char digits[32];
        return "f" + std::string(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
    }
    if (key.isNumber()) return "i" + std::to_string(key.integer("key"));
    if (const List* list = key.asList(); list && list->kind == List::Kind::tuple) {
        std::string all = "t";
        for (const Value& item : list->items) {
            const auto part = keyText(budget, item);
            if (!part) return std::nullopt;
            budget.text(all.size() / 64 + part->size());
            all += std::to_string(part->size()) + ":" + *part;
        }
        return all;
    }
    return std::nullopt;
}

}  // namespace

Value Value::undefined(std::string why) {
    Value value;
    value.m_data = Undefined{std::make_shared<const std::string>(std::move(why))};
    return value;
}

Value Value::text(Budget& budget, std::string text) {
    budget.text(text.size());
    Value value;
    value.m_data = std::make_shared<const std::string>(std::move(text));
    return value;
}

const std::string* Value::asText() const {
    const auto* text = std::get_if<std::shared_ptr<const std::string>>(&m_data);
    return text ? text->get() : nullptr;
}
const List* Value::asList() const {
    const auto* list = std::get_if<std::shared_ptr<const List>>(&m_data);
    return list ? list->get() : nullptr;
}
const Dict* Value::asDict() const {
    const auto* dict = std::get_if<std::shared_ptr<const Dict>>(&m_data);
    return dict ? dict->get() : nullptr;
}
Object* Value::asObject() const {
    const auto* object = std::get_if<std::shared_ptr<Object>>(&m_data);
    return object ? object->get() : nullptr;
}
const Callable* Value::asCallable() const {
    const auto* function = std::get_if<std::shared_ptr<const Callable>>(&m_data);
    return function ? function->get() : nullptr;
}

std::int64_t Value::integer(std::string_view what) const {
    if (const auto* flag = std::get_if<bool>(&m_data)) return *flag ? 1 : 0;
    if (const auto* whole = std::get_if<std::int64_t>(&m_data)) return *whole;
    throw Trouble(std::string(what) + " must be a whole number, not " + typeName());
}

double Value::number() const {
    if (const auto* real = std::get_if<double>(&m_data)) return *real;
    return static_cast<double>(integer("value"));
}

bool Value::truth() const {
    if (isUndefined() || isNone()) return false;
    if (isNumber()) return isFloat() ? number() != 0.0 : integer("value") != 0;
    if (const std::string* text = asText()) return !text->empty();
    if (const List* list = asList()) return list->kind == List::Kind::generator || !list->items.empty();
    if (const Dict* dict = asDict()) return !dict->entries.empty();
    return true;
}

int Value::depth() const {
    if (const List* list = asList()) return list->depth;
    if (const Dict* dict = asDict()) return dict->depth;
    if (const Callable* function = asCallable()) return function->depth();
    return 0;
}

std::string Value::typeName() const {
    if (isUndefined()) return "undefined";
    if (isNone()) return "None";
    if (isBool()) return "bool";
    if (isInteger()) return "int";
    if (isFloat()) return "float";
    if (asText()) return "str";
    if (asDict()) return "dict";
    if (const Object* object = asObject()) return object->typeName();
    if (asCallable()) return "function";
    switch (asList()->kind) {
        case List::Kind::list: return "list";
        case List::Kind::tuple: return "tuple";
        case List::Kind::range: return "range";
        case List::Kind::view: return "dictionary view";
        case List::Kind::generator: return "generator";
    }
    return {};
}

Value List::make(Budget& budget, Kind kind, std::vector<Value> items) {
    int depth = 0;
    for (const Value& item : items) depth = std::max(depth, item.depth());
    budget.container(items.size(), depth + 1);
    auto list = std::make_shared<List>();
    list->kind = kind;
    list->items = std::move(items);
    list->depth = depth + 1;
    Value value;
    value.m_data = std::shared_ptr<const List>(std::move(list));
    return value;
}

Value Dict::make(Budget& budget, std::vector<std::pair<Value, Value>> entries) {
    auto dict = std::make_shared<Dict>();
    for (auto& [key, value] : entries) {
        auto text = keyText(budget, key);
        if (!text) throw Trouble("uses a " + key.typeName() + " as the key of a dictionary");
        dict->depth = std::max({dict->depth, key.depth() + 1, value.depth() + 1});
        const auto [it, fresh] = dict->index.emplace(std::move(*text), dict->entries.size());
        if (fresh) dict->entries.emplace_back(std::move(key), std::move(value));
        else dict->entries[it->second].second = std::move(value);
    }
    budget.container(2 * dict->entries.size(), dict->depth);
    Value value;
    value.m_data = std::shared_ptr<const Dict>(std::move(dict));
    return value;
}

const Value* Dict::find(Budget& budget, const Value& key) const {
    const auto text = keyText(budget, key);
    const auto it = text ? index.find(*text) : index.end();
    return it == index.end() ? nullptr : &entries[it->second].second;
}

const Value* Dict::find(Budget& budget, std::string_view key) const {
    budget.bytes(key.size());
    const auto it = index.find("s" + std::string(key));
    return it == index.end() ? nullptr : &entries[it->second].second;
}

void Object::assign(const std::string& name, Value) {
    throw Trouble("sets \"" + name + "\" of a " + typeName() + "; only a namespace takes values");
}

}  // namespace airframe::jinja

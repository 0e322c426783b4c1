// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/operators.h"

#include <algorithm>
#include <cmath>

#include "core/formats/jinja/print_format.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

constexpr std::string_view signs[] = {"+", "-", "*", "/", "//", "%", "**"};

[[noreturn]] void refuse(Operator op, const Value& left, const Value& right) {
    for (const Value* value : {&left, &right}) {
        if (const auto* missing = std::get_if<Undefined>(&value->data())) throw Trouble(*missing->why);
    }
    throw Trouble("cannot compute " + left.typeName() + " " + std::string(signs[static_cast<int>(op)]) + " " + right.typeName());
}

[[noreturn]] void overflow() { throw Trouble("computes a whole number beyond 64 bits"); }

/// Quotient and remainder as Python rounds them: towards minus infinity.
std::int64_t floorQuotient(std::int64_t a, std::int64_t b) {
    if (b == 0) throw Trouble("divides by zero");
    if (b == -1 && a == INT64_MIN) overflow();
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t wholePower(std::int64_t base, std::int64_t exponent) {
    std::int64_t result = 1;
    if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
    if (base == -1) return exponent % 2 ? -1 : 1;
    for (; exponent > 0; --exponent) {  // at most 64 rounds for any other base
        if (__builtin_mul_overflow(result, base, &result)) overflow();
    }
    return result;
}

Value whole(Operator op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case Operator::add:
            if (__builtin_add_overflow(a, b, &result)) overflow();
            return result;
        case Operator::subtract:
            if (__builtin_sub_overflow(a, b, &result)) overflow();
            return result;
        case Operator::multiply:
            if (__builtin_mul_overflow(a, b, &result)) overflow();
            return result;
        case Operator::divide:
            if (b == 0) throw Trouble("divides by zero");
            return static_cast<double>(a) / static_cast<double>(b);
        case Operator::floor_divide: return floorQuotient(a, b);
        case Operator::remainder:
            if (b == -1) return std::int64_t{0};
            return a - floorQuotient(a, b) * b;
        case Operator::power:
            if (b >= 0) return wholePower(a, b);
            if (a == 0) throw Trouble("divides by zero");
            return std::pow(static_cast<double>(a), static_cast<double>(b));
    }
    return result;
}

Value real(Operator op, double a, double b) {
    if (b == 0.0 && (op == Operator::divide || op == Operator::floor_divide || op == Operator::remainder))
        throw Trouble("divides by zero");
    switch (op) {
        case Operator::add: return a + b;
        case Operator::subtract: return a - b;
        case Operator::multiply: return a * b;
        case Operator::divide: return a / b;
        case Operator::floor_divide: return std::floor(a / b);
        case Operator::remainder: {
            const double rest = std::fmod(a, b);
            return rest != 0.0 && (rest < 0) != (b < 0) ? rest + b : rest;
        }
        case Operator::power: return std::pow(a, b);
    }
    return 0.0;
}

Value repeated(Budget& budget, const Value& value, std::int64_t times) {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
    if (const std::string* text = value.asText()) {
        if (!text->empty() && count > Budget::max_text / text->size()) budget.text(Budget::max_text + 1);
        std::string out;
        for (std::size_t i = 0; i < count && !text->empty(); ++i) out += *text;
        return Value::text(budget, std::move(out));
    }
    const List& list = *value.asList();
    if (!list.items.empty() && count > Budget::max_items / list.items.size()) budget.container(Budget::max_items + 1, list.depth);
    std::vector<Value> items;
    for (std::size_t i = 0; i < count && !list.items.empty(); ++i) items.insert(items.end(), list.items.begin(), list.items.end());
    return List::make(budget, list.kind, std::move(items));
}

bool isRepeatable(const Value& value) {
    const List* list = value.asList();
    return value.asText() || (list && (list->kind == List::Kind::list || list->kind == List::Kind::tuple));
}

/// Mixed whole and real numbers compare exactly: the double is compared as a whole number where it is one.
int orderNumbers(const Value& left, const Value& right) {
    if (!left.isFloat() && !right.isFloat()) {
        const std::int64_t a = left.integer("value"), b = right.integer("value");
        return a < b ? -1 : a > b;
    }
    const long double a = left.isFloat() ? left.number() : static_cast<long double>(left.integer("value"));
    const long double b = right.isFloat() ? right.number() : static_cast<long double>(right.integer("value"));
    return a < b ? -1 : a > b;
}

}  // namespace

Value arithmetic(Budget& budget, Operator op, const Value& left, const Value& right) {
    if (op == Operator::remainder && left.asText()) return Value::text(budget, formatted(budget, *left.asText(), right));
    if (left.isNumber() && right.isNumber()) {
        if (left.isFloat() || right.isFloat()) return real(op, left.number(), right.number());
        return whole(op, left.integer("value"), right.integer("value"));
    }
    if (op == Operator::add) {
        if (left.asText() && right.asText()) {
            budget.text(left.asText()->size() + right.asText()->size());
            return Value::text(budget, *left.asText() + *right.asText());
        }
        const List *a = left.asList(), *b = right.asList();
        if (a && b && a->kind == b->kind && isRepeatable(left)) {
            budget.container(a->items.size() + b->items.size(), std::max(a->depth, b->depth));
            std::vector<Value> items = a->items;
            items.insert(items.end(), b->items.begin(), b->items.end());
            return List::make(budget, a->kind, std::move(items));
        }
    }
    if (op == Operator::multiply) {
        if (isRepeatable(left) && (right.isInteger() || right.isBool())) return repeated(budget, left, right.integer("factor"));
        if (isRepeatable(right) && (left.isInteger() || left.isBool())) return repeated(budget, right, left.integer("factor"));
    }
    refuse(op, left, right);
}

Value negated(const Value& value) {
    if (value.isFloat()) return -value.number();
    const std::int64_t number = value.integer("what a minus stands before");
    if (number == INT64_MIN) overflow();
    return -number;
}

bool equal(Budget& budget, const Value& left, const Value& right) {
    budget.step();
    if (left.isNumber() && right.isNumber()) {
        if ((left.isFloat() && std::isnan(left.number())) || (right.isFloat() && std::isnan(right.number()))) return false;
        return orderNumbers(left, right) == 0;
    }
    if (left.data().index() != right.data().index()) return false;
    if (left.isNone() || left.isUndefined()) return true;
    if (const std::string* text = left.asText()) {
        budget.bytes(std::min(text->size(), right.asText()->size()));
        return *text == *right.asText();
    }
    if (const List* a = left.asList()) {
        const List* b = right.asList();
        if (a == b) return true;
        if (a->kind != b->kind || !a->isSequence() || a->items.size() != b->items.size()) return false;
        for (std::size_t i = 0; i < a->items.size(); ++i) {
            if (!equal(budget, a->items[i], b->items[i])) return false;
        }
        return true;
    }
    if (const Dict* a = left.asDict()) {
        const Dict* b = right.asDict();
        if (a->entries.size() != b->entries.size()) return false;
        for (const auto& [key, value] : a->entries) {
            const Value* other = b->find(budget, key);
            if (!other || !equal(budget, value, *other)) return false;
        }
        return true;
    }
    if (left.asObject()) return left.asObject() == right.asObject();
    return left.asCallable() == right.asCallable();
}

int order(Budget& budget, const Value& left, const Value& right) {
    budget.step();
    if (left.isNumber() && right.isNumber()) return orderNumbers(left, right);
    if (left.asText() && right.asText()) {
        budget.bytes(std::min(left.asText()->size(), right.asText()->size()));
        const int result = left.asText()->compare(*right.asText());  // UTF-8 sorts as its characters do
        return result < 0 ? -1 : result > 0;
    }
    const List *a = left.asList(), *b = right.asList();
    if (a && b && a->kind == b->kind && isRepeatable(left)) {
        for (std::size_t i = 0; i < std::min(a->items.size(), b->items.size()); ++i) {
            if (!equal(budget, a->items[i], b->items[i])) return order(budget, a->items[i], b->items[i]);
        }
        return a->items.size() < b->items.size() ? -1 : a->items.size() > b->items.size();
    }
    for (const Value* value : {&left, &right}) {
        if (const auto* missing = std::get_if<Undefined>(&value->data())) throw Trouble(*missing->why);
    }
    throw Trouble("cannot say which is greater, " + left.typeName() + " or " + right.typeName());
}

bool contains(Budget& budget, const Value& container, const Value& item) {
    if (const std::string* text = container.asText()) {
        if (!item.asText()) throw Trouble("looks for a " + item.typeName() + " in a text");
        budget.bytes(text->size() + item.asText()->size());
        return text::find(*text, *item.asText()) != std::string::npos;
    }
    if (const Dict* dict = container.asDict()) return dict->find(budget, item) != nullptr;
    if (!isIterable(container)) throw Trouble("looks for something in a value of type " + container.typeName());
    const auto list = iterated(budget, container);
    return std::any_of(list->items.begin(), list->items.end(), [&](const Value& each) { return equal(budget, each, item); });
}

bool holds(Budget& budget, Relation relation, const Value& left, const Value& right) {
    const auto nan = [](const Value& value) { return value.isFloat() && std::isnan(value.number()); };
    const bool ordered = !(left.isNumber() && right.isNumber() && (nan(left) || nan(right)));
    switch (relation) {
        case Relation::equal: return equal(budget, left, right);
        case Relation::unequal: return !equal(budget, left, right);
        case Relation::less: return ordered && order(budget, left, right) < 0;
        case Relation::less_equal: return ordered && order(budget, left, right) <= 0;
        case Relation::greater: return ordered && order(budget, left, right) > 0;
        case Relation::greater_equal: return ordered && order(budget, left, right) >= 0;
        case Relation::in: return contains(budget, right, left);
        case Relation::not_in: return !contains(budget, right, left);
    }
    return false;
}

}  // namespace airframe::jinja

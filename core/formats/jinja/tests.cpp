// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/tests.h"

#include <algorithm>

#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/filters.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// A test of the value alone.
template <bool (*test)(const Value&)>
bool alone(Evaluator&, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("this test", {});
    return test(input);
}

template <Relation relation>
bool related(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    return holds(evaluator.budget(), relation, input, arguments.bind("this test", {"other"}, 1)[0]);
}

template <bool (*test)(std::string_view)>
bool written(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("this test", {});
    return test(printed(evaluator.budget(), input));
}

template <bool wanted>
bool isConstant(const Value& value) { return value.isBool() && value.truth() == wanted; }

bool isMapping(const Value& value) { return value.asDict() != nullptr; }
bool isText(const Value& value) { return value.asText() != nullptr; }
bool isDefined(const Value& value) { return !value.isUndefined(); }
bool isMissing(const Value& value) { return value.isUndefined(); }
bool isNone(const Value& value) { return value.isNone(); }
bool isBoolean(const Value& value) { return value.isBool(); }
bool isInteger(const Value& value) { return value.isInteger(); }
bool isFloat(const Value& value) { return value.isFloat(); }
bool isNumber(const Value& value) { return value.isNumber(); }
bool isCallable(const Value& value) { return value.asCallable() != nullptr; }
bool isSequence(const Value& value) { return value.asText() || value.asDict() || (value.asList() && value.asList()->isSequence()); }

template <bool even>
bool parity(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("this test", {});
    const Value rest = arithmetic(evaluator.budget(), Operator::remainder, input, std::int64_t{2});
    return rest.number() == (even ? 0.0 : 1.0);
}

bool divisible(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    return arithmetic(evaluator.budget(), Operator::remainder, input, arguments.bind("divisibleby", {"num"}, 1)[0]).number() == 0.0;
}

/// The very same constant or object; texts and numbers count as the same if they are equal.
bool same(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const Value other = arguments.bind("sameas", {"other"}, 1)[0];
    if (input.data().index() != other.data().index()) return false;
    if (input.asList()) return input.asList() == other.asList();
    if (input.asDict()) return input.asDict() == other.asDict();
    return equal(evaluator.budget(), input, other);
}

template <bool filters>
bool known(Evaluator&, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("this test", {});
    const std::string* name = input.asText();
    return name && (filters ? findFilter(*name) != nullptr : findTest(*name) != nullptr);
}

struct Row {
    std::string_view name;
    TestFunction run;
};

/// THE table.
constexpr Row table[] = {
    {"!=", related<Relation::unequal>}, {"<", related<Relation::less>}, {"<=", related<Relation::less_equal>},
    {"==", related<Relation::equal>}, {">", related<Relation::greater>}, {">=", related<Relation::greater_equal>},
    {"boolean", alone<isBoolean>}, {"callable", alone<isCallable>}, {"defined", alone<isDefined>},
    {"divisibleby", divisible}, {"eq", related<Relation::equal>}, {"equalto", related<Relation::equal>},
    {"even", parity<true>}, {"false", alone<isConstant<false>>}, {"filter", known<true>}, {"float", alone<isFloat>},
    {"ge", related<Relation::greater_equal>}, {"greaterthan", related<Relation::greater>}, {"gt", related<Relation::greater>},
    {"in", related<Relation::in>}, {"integer", alone<isInteger>}, {"iterable", alone<isIterable>},
    {"le", related<Relation::less_equal>}, {"lessthan", related<Relation::less>}, {"lower", written<text::isLower>},
    {"lt", related<Relation::less>}, {"mapping", alone<isMapping>}, {"ne", related<Relation::unequal>},
    {"none", alone<isNone>}, {"number", alone<isNumber>}, {"odd", parity<false>}, {"sameas", same},
    {"sequence", alone<isSequence>}, {"string", alone<isText>}, {"test", known<false>}, {"true", alone<isConstant<true>>},
    {"undefined", alone<isMissing>}, {"upper", written<text::isUpper>},
};

}  // namespace

TestFunction findTest(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const Row& row) { return row.name == name; });
    return it == std::end(table) ? nullptr : it->run;
}

}  // namespace airframe::jinja

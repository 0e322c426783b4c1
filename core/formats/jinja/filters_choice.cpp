// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/access.h"
#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/filters.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

const std::string& nameOf(const Value& value, const char* wanted) {
    if (const std::string* name = value.asText()) return *name;
    throw Trouble(std::string(wanted) + " must be named by a text");
}

/// The arguments after the first `count` positional ones.
Arguments after(const Arguments& arguments, std::size_t count) {
    Arguments rest = arguments;
    rest.positional.erase(rest.positional.begin(), rest.positional.begin() + static_cast<std::ptrdiff_t>(count));
    return rest;
}

/// map(attribute=...), or map("filter", arguments of the filter).
Value map(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    Budget& budget = evaluator.budget();
    std::vector<Value> results;
    const auto items = iterated(budget, input);
    if (arguments.positional.empty()) {
        const auto given = arguments.bind("map", {"attribute", "default"}, 1);
        const bool has_default = !given[1].isUndefined() && !given[1].isNone();
        for (const Value& item : items->items) {
            Value value = pathOf(budget, item, given[0]);
            results.push_back(has_default && value.isUndefined() ? given[1] : std::move(value));
        }
    } else {
        const std::string& name = nameOf(arguments.positional[0], "the filter of map()");
        const Arguments rest = after(arguments, 1);
        for (const Value& item : items->items) results.push_back(evaluator.filter(name, item, rest));
    }
    return List::make(budget, List::Kind::generator, std::move(results));
}

/// select, reject, selectattr, rejectattr: items, or items with an attribute, that pass a test (without one: that are true).
template <bool keep, bool by_attribute>
Value choose(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    Budget& budget = evaluator.budget();
    if (by_attribute && arguments.positional.empty()) throw Trouble("this filter wants the name of an attribute");
    const std::size_t before = by_attribute ? 1 : 0;
    const bool tested = arguments.positional.size() > before;
    const Arguments rest = tested ? after(arguments, before + 1) : Arguments{};
    std::vector<Value> kept;
    if (input.truth()) {
        const auto all = iterated(budget, input);
        for (const Value& item : all->items) {
            const Value value = by_attribute ? pathOf(budget, item, arguments.positional[0]) : item;
            const bool passes =
                tested ? evaluator.test(nameOf(arguments.positional[before], "the test of this filter"), value, rest)
                       : value.truth();
            if (passes == keep) kept.push_back(item);
        }
    }
    return List::make(budget, List::Kind::generator, std::move(kept));
}

constexpr FilterRow table[] = {{"map", map}, {"reject", choose<false, false>}, {"rejectattr", choose<false, true>},
                               {"select", choose<true, false>}, {"selectattr", choose<true, true>}};

}  // namespace

FilterFunction findChoiceFilter(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const FilterRow& row) { return row.name == name; });
    return it == std::end(table) ? nullptr : it->run;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/access.h"
#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/filters.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

Value generator(Budget& budget, std::vector<Value> items) { return List::make(budget, List::Kind::generator, std::move(items)); }
bool isAbsent(const Value& value) { return value.isUndefined() || value.isNone(); }

Value first(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("first", {});
    if (const std::string* text = input.asText(); text && !text->empty()) return itemOf(evaluator.budget(), input, std::int64_t{0});
    const auto items = iterated(evaluator.budget(), input);
    return items->items.empty() ? Value::undefined("there is no first item in an empty list") : items->items.front();
}

Value last(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("last", {});
    if (const std::string* text = input.asText(); text && !text->empty())
        return itemOf(evaluator.budget(), input, std::int64_t{-1});
    if (input.asList() && input.asList()->kind == List::Kind::generator)
        throw Trouble("a generator has no last item; make it a list");
    const auto items = iterated(evaluator.budget(), input);
    return items->items.empty() ? Value::undefined("there is no last item in an empty list") : items->items.back();
}

Value list(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("list", {});
    return List::make(evaluator.budget(), List::Kind::list, iterated(evaluator.budget(), input)->items);
}

Value items(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("items", {});
    Budget& budget = evaluator.budget();
    if (input.isUndefined()) return generator(budget, {});
    if (!input.asDict()) throw Trouble("items() is given a value of type " + input.typeName() + ", a dict was wanted");
    budget.step(input.asDict()->entries.size());
    std::vector<Value> pairs;
    for (const auto& [key, value] : input.asDict()->entries) pairs.push_back(List::make(budget, List::Kind::tuple, {key, value}));
    return generator(budget, std::move(pairs));
}

Value reverse(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("reverse", {});
    Budget& budget = evaluator.budget();
    if (input.asText()) return sliced(budget, input, {}, {}, std::int64_t{-1});
    std::vector<Value> reversed = iterated(budget, input)->items;
    std::reverse(reversed.begin(), reversed.end());
    // Python's reversed() takes no generator; the filter then makes a list.
    if (input.asList() && input.asList()->kind == List::Kind::generator)
        return List::make(budget, List::Kind::list, std::move(reversed));
    return generator(budget, std::move(reversed));
}

Value join(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("join", {"d", "attribute"});
    Budget& budget = evaluator.budget();
    const std::string separator = printed(budget, given[0]);
    std::string out;
    bool begun = false;
    const auto all = iterated(budget, input);
    for (const Value& item : all->items) {
        if (std::exchange(begun, true)) out += separator;
        out += printed(budget, isAbsent(given[1]) ? item : pathOf(budget, item, given[1]));
        budget.bytes(separator.size());
        if (out.size() > Budget::max_text) budget.text(out.size());
    }
    return Value::text(budget, std::move(out));
}

Value sum(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("sum", {"attribute", "start"});
    Budget& budget = evaluator.budget();
    Value total = given[1].isUndefined() ? Value(std::int64_t{0}) : given[1];
    if (total.asText()) throw Trouble("sum() adds no texts; join() does");
    const auto all = iterated(budget, input);
    for (const Value& item : all->items) {
        total = arithmetic(budget, Operator::add, total, isAbsent(given[0]) ? item : pathOf(budget, item, given[0]));
    }
    return total;
}

/// Texts that sort alike whatever their case.
Value withoutCase(Budget& budget, const Value& value) {
    return value.asText() ? Value::text(budget, text::lower(*value.asText())) : value;
}

/// The value that an item is sorted or compared by: itself, or what `path` says, several paths with commas making a list.
Value sortKey(Budget& budget, const Value& item, const Value& path, bool case_matters, bool several) {
    const auto prepared = [&](const Value& value) { return case_matters ? value : withoutCase(budget, value); };
    if (isAbsent(path)) return prepared(item);
    if (!several || !path.asText()) return prepared(pathOf(budget, item, path));
    std::vector<Value> keys;
    for (const std::string_view part : text::split(*path.asText(), ",", 100, false)) {
        keys.push_back(prepared(pathOf(budget, item, Value::text(budget, std::string(part)))));
    }
    return List::make(budget, List::Kind::list, std::move(keys));
}

/// Items in the order of their keys; equal ones stay in order, also in reverse.
std::vector<Value> sortedBy(Budget& budget, std::vector<std::pair<Value, Value>> keyed, bool reversed) {
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
        return reversed ? order(budget, b.first, a.first) < 0 : order(budget, a.first, b.first) < 0;
    });
    std::vector<Value> result;
    for (auto& [key, value] : keyed) result.push_back(std::move(value));
    return result;
}

Value sort(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("sort", {"reverse", "case_sensitive", "attribute"});
    Budget& budget = evaluator.budget();
    std::vector<std::pair<Value, Value>> keyed;
    const auto all = iterated(budget, input);
    for (const Value& item : all->items) {
        keyed.emplace_back(sortKey(budget, item, given[2], given[1].truth(), true), item);
    }
    return List::make(budget, List::Kind::list, sortedBy(budget, std::move(keyed), given[0].truth()));
}

Value dictSort(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("dictsort", {"case_sensitive", "by", "reverse"});
    Budget& budget = evaluator.budget();
    if (!input.asDict()) throw Trouble("dictsort() is given a value of type " + input.typeName());
    const std::string by = given[1].isUndefined() ? "key" : given[1].asText() ? *given[1].asText() : "";
    if (by != "key" && by != "value") throw Trouble("dictsort() sorts by \"key\" or \"value\"");
    budget.step(input.asDict()->entries.size());
    std::vector<std::pair<Value, Value>> keyed;
    for (const auto& [key, value] : input.asDict()->entries) {
        const Value& sorted_by = by == "key" ? key : value;
        keyed.emplace_back(given[0].truth() ? sorted_by : withoutCase(budget, sorted_by),
                           List::make(budget, List::Kind::tuple, {key, value}));
    }
    return List::make(budget, List::Kind::list, sortedBy(budget, std::move(keyed), given[2].truth()));
}

template <bool greatest>
Value extreme(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind(greatest ? "max" : "min", {"case_sensitive", "attribute"});
    Budget& budget = evaluator.budget();
    const auto all = iterated(budget, input);
    if (all->items.empty()) return Value::undefined("there is no greatest or least item in an empty list");
    std::size_t best = 0;
    Value best_key = sortKey(budget, all->items[0], given[1], given[0].truth(), false);
    for (std::size_t i = 1; i < all->items.size(); ++i) {
        Value key = sortKey(budget, all->items[i], given[1], given[0].truth(), false);
        const int sign = order(budget, key, best_key);
        if (greatest ? sign <= 0 : sign >= 0) continue;
        best = i;
        best_key = std::move(key);
    }
    return all->items[best];
}

Value unique(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("unique", {"case_sensitive", "attribute"});
    Budget& budget = evaluator.budget();
    std::vector<std::pair<Value, Value>> seen;
    std::vector<Value> kept;
    const auto all = iterated(budget, input);
    for (const Value& item : all->items) {
        const Value key = sortKey(budget, item, given[1], given[0].truth(), false);
        if (std::any_of(seen.begin(), seen.end(), [&](const auto& each) { return equal(budget, each.first, key); })) continue;
        seen.emplace_back(key, Value());
        kept.push_back(item);
    }
    return generator(budget, std::move(kept));
}

Value batch(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("batch", {"linecount", "fill_with"}, 1);
    Budget& budget = evaluator.budget();
    const std::int64_t size = given[0].integer("linecount");
    if (size < 1 || size > static_cast<std::int64_t>(Budget::max_items))
        throw Trouble("batch() makes rows of 1 to " + std::to_string(Budget::max_items) + " items");
    std::vector<Value> rows, row;
    const auto close = [&] { rows.push_back(List::make(budget, List::Kind::list, std::exchange(row, {}))); };
    const auto all = iterated(budget, input);
    for (const Value& item : all->items) {
        if (static_cast<std::int64_t>(row.size()) == size) close();
        row.push_back(item);
    }
    if (!row.empty()) {
        if (!isAbsent(given[1])) row.resize(static_cast<std::size_t>(size), given[1]);
        close();
    }
    return generator(budget, std::move(rows));
}

constexpr FilterRow table[] = {
    {"batch", batch}, {"dictsort", dictSort}, {"first", first},       {"items", items},        {"join", join},
    {"last", last},   {"list", list},         {"max", extreme<true>}, {"min", extreme<false>}, {"reverse", reverse},
    {"sort", sort},   {"sum", sum},           {"unique", unique}};

}  // namespace

FilterFunction findSequenceFilter(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const FilterRow& row) { return row.name == name; });
    return it == std::end(table) ? nullptr : it->run;
}

}  // namespace airframe::jinja

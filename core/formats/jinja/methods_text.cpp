// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/methods.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

using text::Side;

const std::string& textOf(const Value& value, std::string_view what) {
    if (const std::string* text = value.asText()) return *text;
    throw Trouble(std::string(what) + " must be a text, not " + value.typeName());
}

/// Absent or None.
bool isAbsent(const Value& value) { return value.isUndefined() || value.isNone(); }

Value listOf(Budget& budget, const std::vector<std::string_view>& parts, List::Kind kind = List::Kind::list) {
    budget.container(parts.size(), 1);
    std::vector<Value> items;
    for (const std::string_view part : parts) items.push_back(Value::text(budget, std::string(part)));
    return List::make(budget, kind, std::move(items));
}

template <Side side>
Value strip(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("strip", {"chars"});
    const std::string& whole = *self.asText();
    evaluator.budget().bytes(whole.size());
    const std::string_view left = isAbsent(given[0])
                                      ? text::strip(whole, side)
                                      : text::strip(whole, side, textOf(given[0], "what strip() takes off"));
    return Value::text(evaluator.budget(), std::string(left));
}

template <bool from_right>
Value split(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("split", {"sep", "maxsplit"});
    // One more than a list may have is enough to be refused by listOf().
    constexpr auto most = static_cast<std::int64_t>(Budget::max_items) + 1;
    const std::int64_t wanted = given[1].isUndefined() ? -1 : given[1].integer("maxsplit");
    const std::int64_t limit = wanted < 0 || wanted > most ? most : wanted;
    const std::string& whole = *self.asText();
    evaluator.budget().bytes(whole.size());
    if (isAbsent(given[0])) return listOf(evaluator.budget(), text::splitSpace(whole, limit, from_right));
    const std::string& separator = textOf(given[0], "what split() cuts at");
    if (separator.empty()) throw Trouble("split() is given an empty text to cut at");
    return listOf(evaluator.budget(), text::split(whole, separator, limit, from_right));
}

template <bool from_right>
Value partition(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("partition", {"sep"}, 1);
    const std::string& separator = textOf(given[0], "what partition() cuts at");
    if (separator.empty()) throw Trouble("partition() is given an empty text to cut at");
    evaluator.budget().bytes(self.asText()->size());
    auto parts = text::split(*self.asText(), separator, 1, from_right);
    if (parts.size() == 2) parts.insert(parts.begin() + 1, separator);
    else parts.insert(from_right ? parts.begin() : parts.end(), 2, std::string_view());
    return listOf(evaluator.budget(), parts, List::Kind::tuple);
}

Value splitLines(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("splitlines", {"keepends"});
    evaluator.budget().bytes(self.asText()->size());
    return listOf(evaluator.budget(), text::splitLines(*self.asText(), Budget::max_items + 1, given[0].truth()));
}

template <bool at_end>
Value hasAffix(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind(at_end ? "endswith" : "startswith", {at_end ? "suffix" : "prefix"}, 1);
    const std::string_view whole = *self.asText();
    const auto has = [&](const Value& affix) {
        const std::string& part = textOf(affix, at_end ? "what endswith() looks for" : "what startswith() looks for");
        evaluator.budget().bytes(part.size());
        return at_end ? whole.ends_with(part) : whole.starts_with(part);
    };
    const List* list = given[0].asList();
    if (!list || list->kind != List::Kind::tuple) return has(given[0]);
    return std::any_of(list->items.begin(), list->items.end(), has);
}

template <bool at_end>
Value removeAffix(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind(at_end ? "removesuffix" : "removeprefix", {"affix"}, 1);
    std::string_view whole = *self.asText();
    const std::string& part = textOf(given[0], "what is to be removed");
    if (at_end ? whole.ends_with(part) : whole.starts_with(part)) {
        whole = at_end ? whole.substr(0, whole.size() - part.size()) : whole.substr(part.size());
    }
    return Value::text(evaluator.budget(), std::string(whole));
}

template <bool from_right>
Value find(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("find", {"sub"}, 1);
    const std::string& whole = *self.asText();
    evaluator.budget().bytes(whole.size());
    const std::string& part = textOf(given[0], "what find() looks for");
    const std::size_t at = from_right ? text::findLast(whole, part) : text::find(whole, part);
    return at == std::string::npos ? std::int64_t{-1}
                                   : static_cast<std::int64_t>(text::length(std::string_view(whole).substr(0, at)));
}

Value index(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const Value at = find<false>(evaluator, self, arguments);
    if (at.integer("index") < 0) throw Trouble("index() does not find the text");
    return at;
}

Value count(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("count", {"sub"}, 1);
    evaluator.budget().bytes(self.asText()->size());
    return static_cast<std::int64_t>(text::count(*self.asText(), textOf(given[0], "what count() looks for")));
}

Value replace(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("replace", {"old", "new", "count"}, 2);
    return replacedText(evaluator.budget(), *self.asText(), textOf(given[0], "what replace() replaces"),
                        textOf(given[1], "what replace() puts"),
                        given[2].isUndefined() ? -1 : given[2].integer("count"));
}

Value join(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("join", {"iterable"}, 1);
    Budget& budget = evaluator.budget();
    std::string out;
    bool begun = false;
    const auto all = iterated(budget, given[0]);
    for (const Value& item : all->items) {
        const std::string& part = textOf(item, "what join() puts together");
        budget.text(out.size() / 64 + part.size() + self.asText()->size());
        if (std::exchange(begun, true)) out += *self.asText();
        out += part;
        if (out.size() > Budget::max_text) budget.text(out.size());
    }
    return Value::text(budget, std::move(out));
}

template <std::string (*map)(std::string_view)>
Value mapped(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    (void)arguments.bind("this method", {});
    evaluator.budget().text(2 * self.asText()->size());
    return Value::text(evaluator.budget(), map(*self.asText()));
}

template <bool (*test)(std::string_view)>
Value tested(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    (void)arguments.bind("this method", {});
    evaluator.budget().bytes(self.asText()->size());
    return test(*self.asText());
}

/// ljust, rjust: padded with spaces or another character.
template <bool text_first>
Value justified(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("ljust", {"width", "fillchar"}, 1);
    const std::string fill = given[1].isUndefined() ? " " : textOf(given[1], "fillchar");
    if (text::length(fill) != 1) throw Trouble("fillchar must be one character");
    const auto width = static_cast<std::size_t>(std::max<std::int64_t>(given[0].integer("width"), 0));
    const std::string& whole = *self.asText();
    const std::size_t size = text::length(whole), missing = width > size ? width - size : 0;
    if (missing > Budget::max_text / 4) evaluator.budget().text(Budget::max_text + 1);
    evaluator.budget().text(whole.size() + missing * fill.size());
    std::string padding;
    for (std::size_t i = 0; i < missing; ++i) padding += fill;
    return Value::text(evaluator.budget(), text_first ? whole + padding : padding + whole);
}

/// str.format() with {}, {0} and {name}, without conversions or format specifications.
Value format(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    Budget& budget = evaluator.budget();
    const std::string& whole = *self.asText();
    budget.bytes(whole.size());
    std::string out;
    std::size_t automatic = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const char c = whole[at];
        const bool twice = at + 1 < whole.size() && whole[at + 1] == c;
        if ((c != '{' && c != '}') || twice) {
            out += c;
            at += (c == '{' || c == '}') ? 1 : 0;
            continue;
        }
        const std::size_t end = c == '{' ? whole.find('}', at) : std::string::npos;
        if (end == std::string::npos) throw Trouble("format() meets a lone brace");
        const std::string name = whole.substr(at + 1, end - at - 1);
        const Value* value = nullptr;
        if (name.empty() ||
            (name.size() < 6 && std::all_of(name.begin(), name.end(), [](char d) { return d >= '0' && d <= '9'; }))) {
            const std::size_t index = name.empty() ? automatic++ : std::stoul(name);
            if (index < arguments.positional.size()) value = &arguments.positional[index];
        } else {
            for (const auto& [key, named] : arguments.named) {
                if (key == name) value = &named;
            }
        }
        if (!value)
            throw Trouble("format() has no value for {" + name.substr(0, 100) +
                          "}; names and positions alone are supported");
        out += printed(budget, *value);
        if (out.size() > Budget::max_text) budget.text(out.size());
        at = end;
    }
    return Value::text(budget, std::move(out));
}

/// THE table, sorted by name.
constexpr MethodRow table[] = {
    {"capitalize", mapped<text::capitalize>},
    {"count", count},
    {"endswith", hasAffix<true>},
    {"find", find<false>},
    {"format", format},
    {"index", index},
    {"isalnum", tested<text::allAlphanumeric>},
    {"isalpha", tested<text::allLetters>},
    {"isdigit", tested<text::allDigits>},
    {"islower", tested<text::isLower>},
    {"isspace", tested<text::allSpace>},
    {"isupper", tested<text::isUpper>},
    {"join", join},
    {"ljust", justified<true>},
    {"lower", mapped<text::lower>},
    {"lstrip", strip<Side::left>},
    {"partition", partition<false>},
    {"removeprefix", removeAffix<false>},
    {"removesuffix", removeAffix<true>},
    {"replace", replace},
    {"rfind", find<true>},
    {"rjust", justified<false>},
    {"rpartition", partition<true>},
    {"rsplit", split<true>},
    {"rstrip", strip<Side::right>},
    {"split", split<false>},
    {"splitlines", splitLines},
    {"startswith", hasAffix<false>},
    {"strip", strip<Side::both>},
    {"title", mapped<text::title>},
    {"upper", mapped<text::upper>},
};

}  // namespace

const MethodRow* findTextMethod(std::string_view name) {
    const auto it = std::lower_bound(std::begin(table), std::end(table), name,
                                     [](const MethodRow& row, std::string_view key) { return row.name < key; });
    return it != std::end(table) && it->name == name ? &*it : nullptr;
}

}  // namespace airframe::jinja

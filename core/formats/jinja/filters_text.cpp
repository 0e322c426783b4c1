// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/filters.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/print_format.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

template <std::string (*map)(std::string_view)>
Value mapped(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("this filter", {});
    const std::string text = printed(evaluator.budget(), input);
    evaluator.budget().text(2 * text.size());
    return Value::text(evaluator.budget(), map(text));
}

Value string(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("string", {});
    return Value::text(evaluator.budget(), printed(evaluator.budget(), input));
}

Value trim(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("trim", {"chars"});
    const std::string text = printed(evaluator.budget(), input);
    const std::string* characters = given[0].asText();
    if (!characters && !given[0].isUndefined() && !given[0].isNone()) throw Trouble("trim() takes off a text");
    return Value::text(evaluator.budget(),
                       std::string(characters ? text::strip(text, text::Side::both, *characters) : text::strip(text)));
}

Value replace(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("replace", {"old", "new", "count"}, 2);
    Budget& budget = evaluator.budget();
    const bool all = given[2].isUndefined() || given[2].isNone();
    return replacedText(budget, printed(budget, input), printed(budget, given[0]), printed(budget, given[1]),
                        all ? -1 : given[2].integer("count"));
}

Value indent(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("indent", {"width", "first", "blank"});
    const std::string* whole = input.asText();
    if (!whole) throw Trouble("indent() is given a value of type " + input.typeName());
    std::string margin(4, ' ');
    if (const std::string* text = given[0].asText()) margin = *text;
    else if (!given[0].isUndefined())
        margin =
            std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(given[0].integer("width"), 0, 1000)), ' ');
    evaluator.budget().bytes(whole->size());
    const std::string closed = *whole + "\n";
    std::string out = given[1].truth() ? margin : std::string();
    bool begun = false;
    const auto lines = text::splitLines(closed, Budget::max_items + 1);
    evaluator.budget().container(lines.size(), 1);
    for (const std::string_view line : lines) {
        if (begun) out += "\n";
        if (begun && (given[2].truth() || !line.empty())) out += margin;
        out += line;
        begun = true;
        evaluator.budget().bytes(line.size() + margin.size());
        if (out.size() > Budget::max_text) evaluator.budget().text(out.size());
    }
    return Value::text(evaluator.budget(), std::move(out));
}

Value format(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    Budget& budget = evaluator.budget();
    const std::string text = printed(budget, input);
    if (arguments.named.empty())
        return Value::text(budget,
                           formatted(budget, text, List::make(budget, List::Kind::tuple, arguments.positional)));
    if (!arguments.positional.empty()) throw Trouble("format() takes either named values or others");
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [name, value] : arguments.named) entries.emplace_back(Value::text(budget, name), value);
    return Value::text(budget, formatted(budget, text, Dict::make(budget, std::move(entries))));
}

Value center(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("center", {"width"});
    const std::int64_t width = given[0].isUndefined() ? 80 : given[0].integer("width");
    const std::string text = printed(evaluator.budget(), input);
    const auto size = static_cast<std::int64_t>(text::length(text));
    if (width <= size) return Value::text(evaluator.budget(), text);
    const auto padding = static_cast<std::size_t>(width - size);
    evaluator.budget().text(text.size() + padding);
    // Python's choice where the padding cannot be shared evenly.
    const std::size_t left = padding / 2 + (padding & static_cast<std::size_t>(width) & 1);
    return Value::text(evaluator.budget(), std::string(left, ' ') + text + std::string(padding - left, ' '));
}

Value wordCount(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("wordcount", {});
    const std::string whole = printed(evaluator.budget(), input);
    std::int64_t words = 0;
    bool inside = false;
    for (std::size_t at = 0, size = 0; at < whole.size(); at += size) {
        (void)text::first(std::string_view(whole).substr(at), size);
        const std::string_view character = std::string_view(whole).substr(at, size);
        const bool part = character == "_" || text::allAlphanumeric(character);
        words += part && !std::exchange(inside, part);
        inside = part;
    }
    return words;
}

constexpr FilterRow table[] = {{"capitalize", mapped<text::capitalize>},
                               {"center", center},
                               {"format", format},
                               {"indent", indent},
                               {"lower", mapped<text::lower>},
                               {"replace", replace},
                               {"safe", string},
                               {"string", string},
                               {"title", mapped<text::titleWords>},
                               {"trim", trim},
                               {"upper", mapped<text::upper>},
                               {"wordcount", wordCount}};

}  // namespace

FilterFunction findTextFilter(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const FilterRow& row) { return row.name == name; });
    return it == std::end(table) ? nullptr : it->run;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/functions.h"

#include <algorithm>
#include <ctime>

#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

Value range(Evaluator& evaluator, const Arguments& arguments) {
    const auto given = arguments.bind("range", {"start", "stop", "step"}, 1);
    const bool one = given[1].isUndefined();
    const std::int64_t start = one ? 0 : given[0].integer("start"), stop = (one ? given[0] : given[1]).integer("stop");
    const std::int64_t step = given[2].isUndefined() ? 1 : given[2].integer("step");
    if (step == 0) throw Trouble("range() with a step of zero");
    std::vector<Value> items;
    for (std::int64_t at = start; step > 0 ? at < stop : at > stop;) {
        if (items.size() >= Budget::max_items)
            throw Trouble("range() of more than " + std::to_string(Budget::max_items) + " numbers");
        items.emplace_back(at);
        if (__builtin_add_overflow(at, step, &at)) break;
    }
    evaluator.budget().step(items.size());
    return List::make(evaluator.budget(), List::Kind::range, std::move(items));
}

/// What namespace() and dict() are given: a dictionary or pairs, then names.
std::vector<std::pair<Value, Value>> entriesOf(Evaluator& evaluator, const Arguments& arguments, std::string_view function) {
    Budget& budget = evaluator.budget();
    std::vector<std::pair<Value, Value>> entries;
    if (arguments.positional.size() > 1) throw Trouble(std::string(function) + "() takes one dictionary and names");
    if (!arguments.positional.empty()) {
        const Value& from = arguments.positional[0];
        if (const Dict* dict = from.asDict()) {
            entries = dict->entries;
        } else {
            const auto all = iterated(budget, from);
            for (const Value& pair : all->items) {
                const List* both = pair.asList();
                if (!both || both->items.size() != 2) throw Trouble(std::string(function) + "() wants a dictionary or pairs");
                entries.emplace_back(both->items[0], both->items[1]);
            }
        }
    }
    budget.container(std::min(entries.size(), Budget::max_items), 1);
    for (const auto& [name, value] : arguments.named) entries.emplace_back(Value::text(budget, name), value);
    return entries;
}

Value makeDict(Evaluator& evaluator, const Arguments& arguments) {
    return Dict::make(evaluator.budget(), entriesOf(evaluator, arguments, "dict"));
}

Value makeNamespace(Evaluator& evaluator, const Arguments& arguments) {
    const auto entries = entriesOf(evaluator, arguments, "namespace");
    const Value result = evaluator.makeNamespace();
    for (const auto& [name, value] : entries) {
        if (!name.asText()) throw Trouble("namespace() is given a name that is no text");
        result.asObject()->assign(*name.asText(), value);
    }
    return result;
}

Value raise(Evaluator& evaluator, const Arguments& arguments) {
    const auto given = arguments.bind("raise_exception", {"message"}, 1);
    throw Trouble("refuses the conversation: " + printed(evaluator.budget(), given[0]).substr(0, 1000));
}

Value formattedNow(Evaluator& evaluator, const Arguments& arguments) {
    const auto given = arguments.bind("strftime_now", {"format"}, 1);
    const std::string* format = given[0].asText();
    if (!format || format->size() > 200 || format->find('\0') != std::string::npos) {
        throw Trouble("strftime_now() wants a format of at most 200 characters");
    }
    const std::time_t now = std::chrono::system_clock::to_time_t(evaluator.now());
    std::tm parts{};
    localtime_r(&now, &parts);
    char buffer[1024];
    const std::size_t size =
        std::strftime(buffer, sizeof buffer, (*format + " ").c_str(), &parts);  // never empty: 0 means too long
    if (size == 0) throw Trouble("strftime_now() gives more than 1000 characters");
    return Value::text(evaluator.budget(), std::string(buffer, size - 1));
}

class Function final : public Callable {
  public:
    using Run = Value (*)(Evaluator&, const Arguments&);
    explicit Function(Run run) : m_run(run) {}
    Value call(Evaluator& evaluator, const Arguments& arguments) const override { return m_run(evaluator, arguments); }

  private:
    Run m_run;
};

constexpr std::pair<std::string_view, Function::Run> table[] = {
    {"dict", makeDict}, {"namespace", makeNamespace}, {"raise_exception", raise}, {"range", range}, {"strftime_now", formattedNow}};

}  // namespace

std::shared_ptr<const Callable> findFunction(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const auto& row) { return row.first == name; });
    return it == std::end(table) ? nullptr : std::make_shared<const Function>(it->second);
}

}  // namespace airframe::jinja

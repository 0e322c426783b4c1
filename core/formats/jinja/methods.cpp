// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/methods.h"

#include <algorithm>

#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

class BoundMethod final : public Callable {
  public:
    BoundMethod(Value self, const MethodRow& method) : m_self(std::move(self)), m_method(method) {}
    Value call(Evaluator& evaluator, const Arguments& arguments) const override {
        return m_method.run(evaluator, m_self, arguments);
    }
    int depth() const override { return m_self.depth() + 1; }

  private:
    Value m_self;
    const MethodRow& m_method;
};

enum class Part { keys, values, items };

template <Part part>
Value view(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    (void)arguments.bind("a view of a dictionary", {});
    Budget& budget = evaluator.budget();
    const auto& entries = self.asDict()->entries;
    budget.step(entries.size());
    std::vector<Value> items;
    for (const auto& [key, value] : entries) {
        if (part == Part::items) items.push_back(List::make(budget, List::Kind::tuple, {key, value}));
        else items.push_back(part == Part::keys ? key : value);
    }
    return List::make(budget, List::Kind::view, std::move(items));
}

Value get(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("get", {"key", "default"}, 1);
    if (const Value* found = self.asDict()->find(evaluator.budget(), given[0])) return *found;
    return given[1].isUndefined() && arguments.positional.size() + arguments.named.size() < 2 ? Value() : given[1];
}

Value same(Evaluator&, const Value& self, const Arguments& arguments) {
    (void)arguments.bind("copy", {});
    return self;  // nothing can change it
}

Value countItems(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("count", {"value"}, 1);
    const auto& items = self.asList()->items;
    return std::int64_t{std::count_if(items.begin(), items.end(),
                                      [&](const Value& item) { return equal(evaluator.budget(), item, given[0]); })};
}

Value indexOfItem(Evaluator& evaluator, const Value& self, const Arguments& arguments) {
    const auto given = arguments.bind("index", {"value"}, 1);
    const auto& items = self.asList()->items;
    const auto it = std::find_if(items.begin(), items.end(),
                                 [&](const Value& item) { return equal(evaluator.budget(), item, given[0]); });
    if (it == items.end()) throw Trouble("index() does not find the value");
    return std::int64_t{it - items.begin()};
}

constexpr MethodRow dict_methods[] = {
    {"copy", same}, {"get", get}, {"items", view<Part::items>}, {"keys", view<Part::keys>}, {"values", view<Part::values>}};
constexpr MethodRow list_methods[] = {{"copy", same}, {"count", countItems}, {"index", indexOfItem}};

template <std::size_t n>
const MethodRow* findIn(const MethodRow (&table)[n], std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const MethodRow& row) { return row.name == name; });
    return it == std::end(table) ? nullptr : &*it;
}

}  // namespace

const MethodRow* findMethod(const Value& object, std::string_view name) {
    if (object.asText()) return findTextMethod(name);
    if (object.asDict()) return findIn(dict_methods, name);
    const List* list = object.asList();
    if (!list || !list->isSequence() || (name == "copy" && list->kind != List::Kind::list)) return nullptr;
    return findIn(list_methods, name);
}

Value boundMethod(const Value& object, const MethodRow& method) {
    return Value(std::shared_ptr<const Callable>(std::make_shared<BoundMethod>(object, method)));
}

}  // namespace airframe::jinja

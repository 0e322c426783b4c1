// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/evaluator.h"

#include <algorithm>

#include "core/formats/jinja/access.h"
#include "core/formats/jinja/filters.h"
#include "core/formats/jinja/functions.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/tests.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {

Evaluator::Evaluator(Budget& budget, const std::map<std::string, Value>& variables, std::chrono::system_clock::time_point now)
    : m_budget(budget), m_now(now), m_scope(std::make_shared<Scope>()) {
    for (const auto& [name, value] : variables) m_scope->set(name, value);
}

Evaluator::~Evaluator() {
    for (const auto& scope : m_closures) scope->clear();
    for (const auto& space : m_namespaces) space->clear();
}

Value Evaluator::makeNamespace() {
    m_budget.bytes(sizeof(Namespace));
    m_namespaces.push_back(std::make_shared<Namespace>());
    return Value(std::shared_ptr<Object>(m_namespaces.back()));
}

Value Evaluator::call(const Value& callee, const Arguments& arguments) {
    m_budget.step();
    if (const Callable* function = callee.asCallable()) return function->call(*this, arguments);
    if (const auto* missing = std::get_if<Undefined>(&callee.data())) throw Trouble(*missing->why);
    throw Trouble("calls a value of type " + callee.typeName());
}

Value Evaluator::filter(const std::string& name, const Value& input, const Arguments& arguments) {
    m_budget.step();
    const FilterFunction function = findFilter(name);
    if (!function) throw Trouble("the filter \"" + name + "\" is not supported");
    return function(*this, input, arguments);
}

bool Evaluator::test(const std::string& name, const Value& input, const Arguments& arguments) {
    m_budget.step();
    const TestFunction function = findTest(name);
    if (!function) throw Trouble("the test \"" + name + "\" is not supported");
    return function(*this, input, arguments);
}

Value Evaluator::evaluate(const Expression& expression) {
    const Budget::Level level(m_budget);
    m_budget.step();
    m_line = expression.line;
    return std::visit([this](const auto& node) { return value(node); }, expression.node);
}

Value Evaluator::optional(const ExpressionPtr& expression) { return expression ? evaluate(*expression) : Value(); }

Arguments Evaluator::evaluated(const CallArguments& arguments) {
    Arguments result;
    for (const auto& argument : arguments.positional) result.positional.push_back(evaluate(*argument));
    for (const auto& [name, argument] : arguments.named) result.named.emplace_back(name, evaluate(*argument));
    if (arguments.spread) {
        const auto more = iterated(m_budget, evaluate(*arguments.spread));
        m_budget.container(more->items.size(), 1);
        result.positional.insert(result.positional.end(), more->items.begin(), more->items.end());
    }
    if (arguments.spread_named) {
        const Value more = evaluate(*arguments.spread_named);
        if (!more.asDict()) throw Trouble("** is given a value of type " + more.typeName());
        m_budget.container(more.asDict()->entries.size(), 1);
        for (const auto& [name, argument] : more.asDict()->entries) {
            if (!name.asText()) throw Trouble("** is given names that are not texts");
            result.named.emplace_back(*name.asText(), argument);
        }
    }
    return result;
}

Value Evaluator::value(const Name& node) {
    if (const Value* found = m_scope->find(m_budget, node.name)) return *found;
    if (const auto function = findFunction(node.name)) return Value(function);
    return Value::undefined("'" + node.name + "' is undefined");
}

Value Evaluator::value(const ListLiteral& node) {
    std::vector<Value> items;
    for (const auto& item : node.items) items.push_back(evaluate(*item));
    return List::make(m_budget, node.kind, std::move(items));
}

Value Evaluator::value(const DictLiteral& node) {
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [key, item] : node.entries) {
        Value name = evaluate(*key);
        entries.emplace_back(std::move(name), evaluate(*item));
    }
    return Dict::make(m_budget, std::move(entries));
}

Value Evaluator::value(const Conditional& node) {
    if (evaluate(*node.test).truth()) return evaluate(*node.then);
    return node.otherwise ? evaluate(*node.otherwise) : Value::undefined("an \"if\" without \"else\" gives no value");
}

Value Evaluator::value(const Logic& node) {
    Value left = evaluate(*node.left);
    return left.truth() == node.is_and ? evaluate(*node.right) : left;
}

Value Evaluator::value(const Not& node) { return !evaluate(*node.operand).truth(); }

Value Evaluator::value(const Comparison& node) {
    Value left = evaluate(*node.first);
    for (const auto& [relation, operand] : node.rest) {
        Value right = evaluate(*operand);
        if (!holds(m_budget, relation, left, right)) return false;
        left = std::move(right);
    }
    return true;
}

Value Evaluator::value(const Arithmetic& node) {
    const Value left = evaluate(*node.left);
    return arithmetic(m_budget, node.op, left, evaluate(*node.right));
}

Value Evaluator::value(const Sign& node) {
    const Value operand = evaluate(*node.operand);
    if (const auto* missing = std::get_if<Undefined>(&operand.data())) throw Trouble(*missing->why);
    if (node.negative) return negated(operand);
    if (operand.isFloat()) return operand;
    return operand.integer("what a plus stands before");
}

Value Evaluator::value(const Joined& node) {
    std::string text;
    for (const auto& part : node.parts) {
        text += printed(m_budget, evaluate(*part));
        if (text.size() > Budget::max_text) m_budget.text(text.size());
    }
    return Value::text(m_budget, std::move(text));
}

Value Evaluator::value(const Attribute& node) { return attributeOf(m_budget, evaluate(*node.object), node.name); }

Value Evaluator::value(const Item& node) {
    const Value object = evaluate(*node.object);
    return itemOf(m_budget, object, evaluate(*node.index));
}

Value Evaluator::value(const Slice& node) {
    const Value object = evaluate(*node.object), start = optional(node.start), stop = optional(node.stop);
    return sliced(m_budget, object, start, stop, optional(node.step));
}

Value Evaluator::value(const Call& node) {
    const Value callee = evaluate(*node.callee);
    const Arguments arguments = evaluated(node.arguments);
    return call(callee, arguments);
}

Value Evaluator::filtered(const FilterUse& node, const Value& input) {
    // A filter that is the input of another has the block's text as its own input.
    const auto* inner = node.input ? std::get_if<FilterUse>(&node.input->node) : nullptr;
    const Value before = inner ? filtered(*inner, input) : input;
    return filter(node.name, before, evaluated(node.arguments));
}

Value Evaluator::value(const FilterUse& node) {
    const Value input = evaluate(*node.input);
    return filter(node.name, input, evaluated(node.arguments));
}

Value Evaluator::value(const TestUse& node) {
    const Value input = evaluate(*node.input);
    return test(node.name, input, evaluated(node.arguments));
}

Value replacedText(Budget& budget, const std::string& text, const std::string& from, const std::string& to, std::int64_t limit) {
    budget.bytes(text.size());
    const std::size_t found = text::count(text, from);
    const std::size_t times = limit < 0 ? found : std::min(found, static_cast<std::size_t>(limit));
    if (to.size() > 0 && times > Budget::max_text / to.size()) budget.text(Budget::max_text + 1);
    budget.text(text.size() + times * to.size());
    return Value::text(budget, text::replace(text, from, to, limit));
}

}  // namespace airframe::jinja

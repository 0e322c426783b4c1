// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/loop.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// A macro, or the body of a {% call %}.
class MacroFunction final : public Callable {
  public:
    MacroFunction(std::string_view name, const Signature& signature, const Body& body, std::shared_ptr<Scope> closure)
        : m_name(name), m_signature(signature), m_body(body), m_closure(std::move(closure)) {}
    Value call(Evaluator& evaluator, const Arguments& arguments) const override {
        return evaluator.runMacro(m_name, m_signature, m_body, m_closure, arguments);
    }

  private:
    std::string_view m_name;
    const Signature& m_signature;
    const Body& m_body;
    std::shared_ptr<Scope> m_closure;
};

}  // namespace

class Evaluator::Inside {
  public:
    Inside(Evaluator& evaluator, std::shared_ptr<Scope> parent) : m_evaluator(evaluator), m_outer(evaluator.m_scope) {
        evaluator.m_budget.bytes(sizeof(Scope));
        evaluator.m_scope = std::make_shared<Scope>(std::move(parent));
    }
    ~Inside() { m_evaluator.m_scope = std::move(m_outer); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    Evaluator& m_evaluator;
    std::shared_ptr<Scope> m_outer;
};

std::string Evaluator::render(const Body& body) {
    std::string text;
    m_out = &text;
    (void)execute(body);
    return text;
}

Evaluator::Flow Evaluator::execute(const Body& body) {
    const Budget::Level level(m_budget);
    for (const auto& statement : body) {
        m_budget.step();
        m_line = statement->line;
        const Flow flow = std::visit([this](const auto& node) { return run(node); }, statement->node);
        if (flow != Flow::normal) return flow;
    }
    return Flow::normal;
}

void Evaluator::write(std::string_view text) {
    m_budget.bytes(text.size());
    if (m_out->size() + text.size() > Budget::max_text) m_budget.text(m_out->size() + text.size());
    m_out->append(text);
}

Evaluator::Flow Evaluator::run(const Text& node) { return write(node.text), Flow::normal; }

Evaluator::Flow Evaluator::run(const Output& node) { return write(printed(m_budget, evaluate(*node.value))), Flow::normal; }

Evaluator::Flow Evaluator::run(const If& node) {
    for (const auto& [test, body] : node.branches) {
        if (evaluate(*test).truth()) return execute(body);
    }
    return execute(node.otherwise);
}

Evaluator::Flow Evaluator::run(const For& node) {
    auto items = iterated(m_budget, evaluate(*node.items));
    if (node.filter) {
        std::vector<Value> kept;
        for (const Value& item : items->items) {
            const Inside inside(*this, m_scope);
            assign(node.target, item);
            if (evaluate(*node.filter).truth()) kept.push_back(item);
        }
        items = std::get<std::shared_ptr<const List>>(List::make(m_budget, List::Kind::list, std::move(kept)).data());
    }
    if (items->items.empty()) {
        const Inside inside(*this, m_scope);
        return execute(node.otherwise);
    }
    const auto loop = std::make_shared<Loop>(items);
    for (std::size_t round = 0; round < items->items.size(); ++round) {
        const Inside inside(*this, m_scope);
        loop->enter(round);
        m_scope->set("loop", Value(std::shared_ptr<Object>(loop)));
        assign(node.target, items->items[round]);
        if (execute(node.body) == Flow::broke) break;
    }
    return Flow::normal;
}

void Evaluator::assign(const Target& target, const Value& value) {
    m_budget.step();
    if (!target.parts.empty()) {
        const auto items = iterated(m_budget, value);
        if (items->items.size() != target.parts.size()) {
            throw Trouble("gives " + std::to_string(items->items.size()) + " values to " +
                          std::to_string(target.parts.size()) + " names");
        }
        for (std::size_t i = 0; i < target.parts.size(); ++i) assign(target.parts[i], items->items[i]);
    } else if (target.attribute.empty()) {
        m_budget.bytes(sizeof(Value));
        m_scope->set(target.name, value);
    } else {
        const Value* owner = m_scope->find(m_budget, target.name);
        if (!owner) throw Trouble("'" + target.name + "' is undefined");
        if (!owner->asObject())
            throw Trouble("sets \"" + target.attribute + "\" of a " + owner->typeName() +
                          "; only a namespace takes values");
        m_budget.bytes(sizeof(Value) + target.attribute.size());
        owner->asObject()->assign(target.attribute, value);
    }
}

Evaluator::Flow Evaluator::run(const Set& node) {
    assign(node.target, evaluate(*node.value));
    return Flow::normal;
}

Evaluator::Flow Evaluator::captured(const Body& body, std::string& text) {
    const Inside inside(*this, m_scope);
    std::string* const outer = std::exchange(m_out, &text);
    const Flow flow = execute(body);  // after an exception nothing is written any more
    m_out = outer;
    return flow;
}

Evaluator::Flow Evaluator::run(const SetBlock& node) {
    std::string text;
    if (const Flow flow = captured(node.body, text); flow != Flow::normal) return flow;
    Value value = Value::text(m_budget, std::move(text));
    if (node.filter) value = filtered(std::get<FilterUse>(node.filter->node), value);
    assign(node.target, value);
    return Flow::normal;
}

Evaluator::Flow Evaluator::run(const FilterBlock& node) {
    std::string text;
    if (const Flow flow = captured(node.body, text); flow != Flow::normal) return flow;
    const Value input = Value::text(m_budget, std::move(text));
    write(printed(m_budget, filtered(std::get<FilterUse>(node.filter->node), input)));
    return Flow::normal;
}

Evaluator::Flow Evaluator::run(const With& node) {
    // All values are computed before the first name is given one.
    std::vector<Value> values;
    for (const auto& [target, expression] : node.values) values.push_back(evaluate(*expression));
    const Inside inside(*this, m_scope);
    for (std::size_t i = 0; i < values.size(); ++i) assign(node.values[i].first, values[i]);
    return execute(node.body);
}

Value Evaluator::macroValue(std::string_view name, const Signature& signature, const Body& body) {
    m_budget.bytes(sizeof(MacroFunction));
    if (m_closures.empty() || m_closures.back() != m_scope) m_closures.push_back(m_scope);
    return Value(std::shared_ptr<const Callable>(std::make_shared<MacroFunction>(name, signature, body, m_scope)));
}

Evaluator::Flow Evaluator::run(const Macro& node) {
    m_scope->set(node.name, macroValue(node.name, node.signature, node.body));
    return Flow::normal;
}

Evaluator::Flow Evaluator::run(const CallBlock& node) {
    const Call& call_node = std::get<Call>(node.call->node);
    const Value callee = evaluate(*call_node.callee);
    Arguments arguments = evaluated(call_node.arguments);
    arguments.named.emplace_back("caller", macroValue("caller", node.signature, node.body));
    write(printed(m_budget, call(callee, arguments)));
    return Flow::normal;
}

Value Evaluator::runMacro(std::string_view name, const Signature& signature, const Body& body,
                          const std::shared_ptr<Scope>& closure, const Arguments& arguments) {
    const Inside inside(*this, closure);
    const std::size_t count = signature.names.size();
    if (arguments.positional.size() > count) {
        throw Trouble("the macro \"" + std::string(name) + "\" takes at most " + std::to_string(count) + " arguments");
    }
    std::vector<bool> given(count, false);
    for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
        m_scope->set(signature.names[i], arguments.positional[i]);
        given[i] = true;
    }
    m_scope->set("caller", Value::undefined("'caller' is undefined"));
    for (const auto& [key, value] : arguments.named) {
        std::size_t at = 0;
        while (at < count && signature.names[at] != key) ++at;
        if (at == count && key != "caller")
            throw Trouble("the macro \"" + std::string(name) + "\" has no parameter \"" + key + "\"");
        if (at < count && given[at]) throw Trouble("the macro \"" + std::string(name) + "\" gets \"" + key + "\" twice");
        if (at < count) given[at] = true;
        m_scope->set(at < count ? std::string_view(signature.names[at]) : std::string_view("caller"), value);
    }
    const std::size_t first_default = count - signature.defaults.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (given[i]) continue;
        m_scope->set(signature.names[i],
                     i < first_default ? Value::undefined("parameter '" + signature.names[i] + "' was not provided")
                                       : evaluate(*signature.defaults[i - first_default]));
    }
    std::string text;
    std::string* const outer = std::exchange(m_out, &text);
    (void)execute(body);
    m_out = outer;
    return Value::text(m_budget, std::move(text));
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/jinja/callable.h"
#include "core/formats/jinja/namespace.h"
#include "core/formats/jinja/scope.h"
#include "core/formats/jinja/syntax.h"

namespace airframe::jinja {

/// Walks the tree of a template once and writes its text. One per rendering; one thread. Throws Trouble.
class Evaluator {
  public:
    /// `variables` are what the caller gives the template; they and the tree must outlive the evaluator.
    Evaluator(Budget& budget, const std::map<std::string, Value>& variables, std::chrono::system_clock::time_point now);
    ~Evaluator();
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    [[nodiscard]] std::string render(const Body& body);
    [[nodiscard]] int line() const { return m_line; }  ///< where it stands, for messages
    [[nodiscard]] std::chrono::system_clock::time_point now() const { return m_now; }

    // For filters, tests, methods and functions.
    [[nodiscard]] Budget& budget() { return m_budget; }
    [[nodiscard]] Value call(const Value& callee, const Arguments& arguments);
    [[nodiscard]] Value filter(const std::string& name, const Value& input, const Arguments& arguments);
    [[nodiscard]] bool test(const std::string& name, const Value& input, const Arguments& arguments);
    [[nodiscard]] Value makeNamespace();
    /// A call of a macro: `body` with the parameters in a scope of their own inside `closure`.
    [[nodiscard]] Value runMacro(std::string_view name, const Signature& signature, const Body& body,
                                 const std::shared_ptr<Scope>& closure, const Arguments& arguments);

  private:
    enum class Flow { normal, broke, continued };

    // Statements (evaluator_statements.cpp).
    Flow execute(const Body& body);
    Flow run(const Text& node);
    Flow run(const Output& node);
    Flow run(const If& node);
    Flow run(const For& node);
    Flow run(const Set& node);
    Flow run(const SetBlock& node);
    Flow run(const Macro& node);
    Flow run(const CallBlock& node);
    Flow run(const FilterBlock& node);
    Flow run(const With& node);
    Flow run(const Break&) { return Flow::broke; }
    Flow run(const Continue&) { return Flow::continued; }
    Flow captured(const Body& body, std::string& text);  ///< in a scope of its own
    void assign(const Target& target, const Value& value);
    void write(std::string_view text);
    Value macroValue(std::string_view name, const Signature& signature, const Body& body);

    // Expressions (evaluator.cpp).
    Value evaluate(const Expression& expression);
    Value filtered(const FilterUse& node, const Value& input);
    Arguments evaluated(const CallArguments& arguments);
    Value optional(const ExpressionPtr& expression);  ///< None if there is none
    Value value(const Constant& node) { return node.value; }
    Value value(const Name& node);
    Value value(const ListLiteral& node);
    Value value(const DictLiteral& node);
    Value value(const Conditional& node);
    Value value(const Logic& node);
    Value value(const Not& node);
    Value value(const Comparison& node);
    Value value(const Arithmetic& node);
    Value value(const Sign& node);
    Value value(const Joined& node);
    Value value(const Attribute& node);
    Value value(const Item& node);
    Value value(const Slice& node);
    Value value(const Call& node);
    Value value(const FilterUse& node);
    Value value(const TestUse& node);

    /// Makes a new innermost scope for its own life.
    class Inside;

    Budget& m_budget;
    std::chrono::system_clock::time_point m_now;
    std::shared_ptr<Scope> m_scope;
    std::string* m_out = nullptr;
    int m_line = 1;
    // Scopes that macros hold on to, and namespaces: both can come to hold themselves, so they are emptied at the end.
    std::vector<std::shared_ptr<Scope>> m_closures;
    std::vector<std::shared_ptr<Namespace>> m_namespaces;
};

/// text.replace(), paid for.
[[nodiscard]] Value replacedText(Budget& budget, const std::string& text, const std::string& from,
                                 const std::string& to, std::int64_t limit);

}  // namespace airframe::jinja

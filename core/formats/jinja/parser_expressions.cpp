// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>

#include "core/formats/jinja/parser.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// Adds up the depths of the children of a node, whatever they are held in.
struct Deepest {
    int depth = 0;
    void operator()(const ExpressionPtr& child) { depth = std::max(depth, child ? child->depth : 0); }
    void operator()(const std::vector<ExpressionPtr>& children) {
        for (const auto& child : children) (*this)(child);
    }
    void operator()(const CallArguments& arguments) {
        (*this)(arguments.positional);
        for (const auto& [name, value] : arguments.named) (*this)(value);
        (*this)(arguments.spread);
        (*this)(arguments.spread_named);
    }
    void operator()(const Constant&) {}
    void operator()(const Name&) {}
    void operator()(const ListLiteral& node) { (*this)(node.items); }
    void operator()(const DictLiteral& node) {
        for (const auto& [key, value] : node.entries) (*this)(key), (*this)(value);
    }
    void operator()(const Conditional& node) { (*this)(node.then), (*this)(node.test), (*this)(node.otherwise); }
    void operator()(const Logic& node) { (*this)(node.left), (*this)(node.right); }
    void operator()(const Not& node) { (*this)(node.operand); }
    void operator()(const Comparison& node) {
        (*this)(node.first);
        for (const auto& [relation, value] : node.rest) (*this)(value);
    }
    void operator()(const Arithmetic& node) { (*this)(node.left), (*this)(node.right); }
    void operator()(const Sign& node) { (*this)(node.operand); }
    void operator()(const Joined& node) { (*this)(node.parts); }
    void operator()(const Attribute& node) { (*this)(node.object); }
    void operator()(const Item& node) { (*this)(node.object), (*this)(node.index); }
    void operator()(const Slice& node) { (*this)(node.object), (*this)(node.start), (*this)(node.stop), (*this)(node.step); }
    void operator()(const Call& node) { (*this)(node.callee), (*this)(node.arguments); }
    void operator()(const FilterUse& node) { (*this)(node.input), (*this)(node.arguments); }
    void operator()(const TestUse& node) { (*this)(node.input), (*this)(node.arguments); }
};

}  // namespace

ExpressionPtr Parser::make(int line, Expression::Node node) {
    Deepest deepest;
    std::visit(deepest, node);
    // Chains such as a + b + c nest to the left without any recursion of the parser.
    if (deepest.depth >= 2 * max_depth) {
        throw Trouble("an expression nests deeper than " + std::to_string(2 * max_depth) + " levels", line);
    }
    return std::make_unique<const Expression>(Expression{line, deepest.depth + 1, std::move(node)});
}

ExpressionPtr Parser::tupleOr(bool conditional, bool parentheses) {
    const int line = current().line;
    std::vector<ExpressionPtr> items;
    bool tuple = false;
    const auto ended = [&] {
        return current().kind == Token::Kind::output_end || current().kind == Token::Kind::block_end || isSign(")") ||
               (!conditional && isWord("recursive"));
    };
    while (true) {
        if (!items.empty()) expectSign(",");
        if (ended()) break;
        items.push_back(conditional ? expression() : disjunction());
        if (!isSign(",")) break;
        tuple = true;
    }
    if (!tuple) {
        if (!items.empty()) return std::move(items.front());
        if (!parentheses) unexpected("an expression");
    }
    return make(line, ListLiteral{List::Kind::tuple, std::move(items)});
}

ExpressionPtr Parser::expression() {
    const Level level(*this);
    const int line = current().line;
    ExpressionPtr result = disjunction();
    while (skipWord("if")) {
        ExpressionPtr test = disjunction();
        ExpressionPtr otherwise = skipWord("else") ? expression() : nullptr;
        result = make(line, Conditional{std::move(result), std::move(test), std::move(otherwise)});
    }
    return result;
}

ExpressionPtr Parser::disjunction() {
    const Level level(*this);
    ExpressionPtr left = conjunction();
    for (int line = current().line; skipWord("or"); line = current().line) {
        left = make(line, Logic{false, std::move(left), conjunction()});
    }
    return left;
}

ExpressionPtr Parser::conjunction() {
    ExpressionPtr left = negation();
    for (int line = current().line; skipWord("and"); line = current().line) {
        left = make(line, Logic{true, std::move(left), negation()});
    }
    return left;
}

ExpressionPtr Parser::negation() {
    const Level level(*this);
    const int line = current().line;
    if (skipWord("not")) return make(line, Not{negation()});
    return comparison();
}

ExpressionPtr Parser::comparison() {
    static constexpr std::pair<std::string_view, Relation> relations[] = {
        {"==", Relation::equal}, {"!=", Relation::unequal}, {"<", Relation::less}, {"<=", Relation::less_equal},
        {">", Relation::greater}, {">=", Relation::greater_equal}};
    const int line = current().line;
    ExpressionPtr first = sum();
    std::vector<std::pair<Relation, ExpressionPtr>> rest;
    while (true) {
        const auto it = std::find_if(std::begin(relations), std::end(relations),
                                     [&](const auto& row) { return isSign(row.first); });
        if (it != std::end(relations)) {
            ++m_at;
            rest.emplace_back(it->second, sum());
        } else if (skipWord("in")) {
            rest.emplace_back(Relation::in, sum());
        } else if (isWord("not") && next().kind == Token::Kind::name && next().text == "in") {
            m_at += 2;
            rest.emplace_back(Relation::not_in, sum());
        } else {
            break;
        }
    }
    if (rest.empty()) return first;
    return make(line, Comparison{std::move(first), std::move(rest)});
}

ExpressionPtr Parser::sum() {
    ExpressionPtr left = joined();
    while (isSign("+") || isSign("-")) {
        const Token sign = take();
        left = make(sign.line, Arithmetic{sign.text == "+" ? Operator::add : Operator::subtract, std::move(left), joined()});
    }
    return left;
}

ExpressionPtr Parser::joined() {
    const int line = current().line;
    std::vector<ExpressionPtr> parts;
    parts.push_back(product());
    while (skipSign("~")) parts.push_back(product());
    if (parts.size() == 1) return std::move(parts.front());
    return make(line, Joined{std::move(parts)});
}

ExpressionPtr Parser::product() {
    ExpressionPtr left = power();
    while (isSign("*") || isSign("/") || isSign("//") || isSign("%")) {
        const Token sign = take();
        const Operator op = sign.text == "*"   ? Operator::multiply
                            : sign.text == "/" ? Operator::divide
                            : sign.text == "%" ? Operator::remainder
                                               : Operator::floor_divide;
        left = make(sign.line, Arithmetic{op, std::move(left), power()});
    }
    return left;
}

ExpressionPtr Parser::power() {
    ExpressionPtr left = unary();
    for (int line = current().line; skipSign("**"); line = current().line) {
        left = make(line, Arithmetic{Operator::power, std::move(left), unary()});
    }
    return left;
}

ExpressionPtr Parser::unary(bool filters) {
    const Level level(*this);
    const int line = current().line;
    ExpressionPtr result;
    if (isSign("-") || isSign("+")) {
        const bool negative = take().text == "-";
        result = make(line, Sign{negative, unary(false)});
    } else {
        result = primary();
    }
    result = postfix(std::move(result));
    return filters ? filtersAndTests(std::move(result)) : std::move(result);
}

ExpressionPtr Parser::primary() {
    const int line = current().line;
    if (current().kind == Token::Kind::name) {
        const std::string name = take().text;
        if (name == "true" || name == "True") return make(line, Constant{Value(true)});
        if (name == "false" || name == "False") return make(line, Constant{Value(false)});
        if (name == "none" || name == "None") return make(line, Constant{Value()});
        return make(line, Name{name});
    }
    if (current().kind == Token::Kind::string) {
        std::string text;
        while (current().kind == Token::Kind::string) text += take().text;
        return make(line, Constant{Value::text(m_budget, std::move(text))});
    }
    if (current().kind == Token::Kind::integer) {
        const std::string digits = take().text;
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{}) throw Trouble("the number " + digits + " is beyond 64 bits", line);
        return make(line, Constant{Value(value)});
    }
    if (current().kind == Token::Kind::real) {
        const std::string digits = take().text;
        double value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{}) throw Trouble("the number " + digits + " is beyond what a double holds", line);
        return make(line, Constant{Value(value)});
    }
    if (skipSign("(")) {
        ExpressionPtr inner = tupleOr(true, true);
        expectSign(")");
        return inner;
    }
    if (skipSign("[")) {
        std::vector<ExpressionPtr> items;
        while (!skipSign("]")) {
            if (!items.empty()) {
                expectSign(",");
                if (skipSign("]")) break;
            }
            items.push_back(expression());
        }
        return make(line, ListLiteral{List::Kind::list, std::move(items)});
    }
    if (isSign("{")) return dictionary();
    unexpected("an expression");
}

ExpressionPtr Parser::dictionary() {
    const int line = take().line;
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
    while (!skipSign("}")) {
        if (!entries.empty()) {
            expectSign(",");
            if (skipSign("}")) break;
        }
        ExpressionPtr key = expression();
        expectSign(":");
        entries.emplace_back(std::move(key), expression());
    }
    return make(line, DictLiteral{std::move(entries)});
}

ExpressionPtr Parser::postfix(ExpressionPtr object) {
    while (true) {
        const int line = current().line;
        if (isSign(".") || isSign("[")) object = subscript(std::move(object));
        else if (isSign("(")) object = make(line, Call{std::move(object), callArguments()});
        else return object;
    }
}

ExpressionPtr Parser::subscript(ExpressionPtr object) {
    const int line = current().line;
    if (skipSign(".")) {
        if (current().kind == Token::Kind::name) return make(line, Attribute{std::move(object), take().text});
        if (current().kind != Token::Kind::integer) unexpected("a name or number after \".\"");
        return make(line, Item{std::move(object), primary()});
    }
    expectSign("[");
    ExpressionPtr bounds[3];
    bool slice = false;
    if (!isSign(":")) bounds[0] = expression();
    for (int i = 1; i < 3 && skipSign(":"); ++i) {
        slice = true;
        if (!isSign(":") && !isSign("]")) bounds[i] = expression();
    }
    expectSign("]");
    if (!slice) return make(line, Item{std::move(object), std::move(bounds[0])});
    return make(line, Slice{std::move(object), std::move(bounds[0]), std::move(bounds[1]), std::move(bounds[2])});
}

ExpressionPtr Parser::filtersAndTests(ExpressionPtr input) {
    while (true) {
        const int line = current().line;
        if (isSign("|")) input = filters(std::move(input));
        else if (isWord("is")) input = test(std::move(input));
        else if (isSign("(")) input = make(line, Call{std::move(input), callArguments()});
        else return input;
    }
}

std::string Parser::dottedName() {
    std::string name = expectName();
    while (skipSign(".")) name += "." + expectName();
    return name;
}

ExpressionPtr Parser::filters(ExpressionPtr input, bool first_is_here) {
    while (first_is_here || skipSign("|")) {
        first_is_here = false;
        const int line = current().line;
        std::string name = dottedName();
        CallArguments arguments;
        if (isSign("(")) arguments = callArguments();
        input = make(line, FilterUse{std::move(input), std::move(name), std::move(arguments)});
    }
    return input;
}

ExpressionPtr Parser::test(ExpressionPtr input) {
    const int line = take().line;
    const bool negated = skipWord("not");
    std::string name = dottedName();
    CallArguments arguments;
    const Token::Kind kind = current().kind;
    if (isSign("(")) {
        arguments = callArguments();
    } else if (isWord("is")) {
        unexpected("something other than a second test");
    } else if ((kind == Token::Kind::name && !isWord("else") && !isWord("or") && !isWord("and")) || kind == Token::Kind::string ||
               kind == Token::Kind::integer || kind == Token::Kind::real || isSign("[") || isSign("{")) {
        arguments.positional.push_back(postfix(primary()));
    }
    ExpressionPtr result = make(line, TestUse{std::move(input), std::move(name), std::move(arguments)});
    return negated ? make(line, Not{std::move(result)}) : std::move(result);
}

CallArguments Parser::callArguments() {
    CallArguments result;
    expectSign("(");
    for (bool begun = false; !skipSign(")"); begun = true) {
        if (begun) {
            expectSign(",");
            if (skipSign(")")) break;
        }
        if (skipSign("*")) {
            if (result.spread || result.spread_named) unexpected("one list of arguments");
            result.spread = expression();
        } else if (skipSign("**")) {
            if (result.spread_named) unexpected("one dictionary of arguments");
            result.spread_named = expression();
        } else if (current().kind == Token::Kind::name && next().kind == Token::Kind::sign && next().text == "=") {
            if (result.spread_named) unexpected("no argument after a dictionary of arguments");
            std::string name = take().text;
            ++m_at;
            result.named.emplace_back(std::move(name), expression());
        } else {
            if (result.spread || result.spread_named || !result.named.empty()) unexpected("a named argument");
            result.positional.push_back(expression());
        }
    }
    return result;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/formats/jinja/parser.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// Tags that load other templates or change escaping: chat templates are one text, and never need them.
constexpr std::string_view unsupported[] = {"include", "import", "from", "extends", "block", "autoescape", "do", "trans", "print"};

/// Names that a target must not have.
constexpr std::string_view reserved[] = {"true", "false", "none", "True", "False", "None"};

}  // namespace

Body Parser::body(std::initializer_list<std::string_view> ends) {
    const Level level(*this);
    Body result;
    const auto add = [&](int line, Statement::Node node) {
        result.push_back(std::make_unique<const Statement>(Statement{line, std::move(node)}));
    };
    while (current().kind != Token::Kind::end) {
        const int line = current().line;
        if (current().kind == Token::Kind::data) {
            add(line, Text{take().text});
        } else if (current().kind == Token::Kind::output_begin) {
            take();
            add(line, Output{tupleOr(true)});
            if (current().kind != Token::Kind::output_end) unexpected("\"}}\"");
            take();
        } else {
            take();  // the beginning of a tag: nothing else is left between tags
            if (std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return isWord(end); })) return result;
            add(line, statement());
            if (current().kind != Token::Kind::block_end) unexpected("\"%}\"");
            take();
        }
    }
    if (ends.size() > 0) unexpected("{% " + std::string(*(ends.end() - 1)) + " %}");
    return result;
}

Body Parser::block(std::initializer_list<std::string_view> ends) {
    skipSign(":");
    if (current().kind != Token::Kind::block_end) unexpected("\"%}\"");
    take();
    return body(ends);
}

Body Parser::blockTo(std::string_view end) {
    Body result = block({end});
    expectWord(end);
    return result;
}

Statement::Node Parser::statement() {
    const int line = current().line;
    const std::string word = expectName();
    if (word == "for") return forStatement();
    if (word == "if") return ifStatement();
    if (word == "set") return setStatement();
    if (word == "with") return withStatement();
    if (word == "call") return callStatement();
    if (word == "generation") return With{{}, blockTo("endgeneration")};
    if (word == "macro") {
        std::string name = expectName();
        Signature parameters = signature();
        const int loops = std::exchange(m_loops, 0);
        Body inner = blockTo("endmacro");
        m_loops = loops;
        return Macro{std::move(name), std::move(parameters), std::move(inner)};
    }
    if (word == "filter") {
        ExpressionPtr filter = filters(nullptr, true);
        return FilterBlock{std::move(filter), blockTo("endfilter")};
    }
    if (word == "break" || word == "continue") {
        if (m_loops == 0) throw Trouble("{% " + word + " %} stands outside of a loop", line);
        return word == "break" ? Statement::Node(Break{}) : Statement::Node(Continue{});
    }
    if (std::find(std::begin(unsupported), std::end(unsupported), word) != std::end(unsupported)) {
        throw Trouble("{% " + word + " %} is not supported in chat templates", line);
    }
    throw Trouble("{% " + word + " %} is unknown or closes nothing", line);
}

Statement::Node Parser::forStatement() {
    For result;
    result.target = target(false);
    expectWord("in");
    result.items = tupleOr(false);
    if (skipWord("if")) result.filter = expression();
    if (isWord("recursive")) throw Trouble("recursive loops are not supported", current().line);
    ++m_loops;
    result.body = block({"else", "endfor"});
    --m_loops;
    if (skipWord("else")) result.otherwise = block({"endfor"});
    expectWord("endfor");
    return result;
}

Statement::Node Parser::ifStatement() {
    If result;
    do {
        ExpressionPtr test = tupleOr(false);
        result.branches.emplace_back(std::move(test), block({"elif", "else", "endif"}));
    } while (skipWord("elif"));
    if (skipWord("else")) result.otherwise = block({"endif"});
    expectWord("endif");
    return result;
}

Statement::Node Parser::setStatement() {
    Target to = target(true);
    if (skipSign("=")) return Set{std::move(to), tupleOr(true)};
    ExpressionPtr filter = isSign("|") ? filters(nullptr) : nullptr;
    return SetBlock{std::move(to), std::move(filter), blockTo("endset")};
}

Statement::Node Parser::withStatement() {
    With result;
    while (current().kind != Token::Kind::block_end) {
        if (!result.values.empty()) expectSign(",");
        Target to = target(false);
        expectSign("=");
        result.values.emplace_back(std::move(to), expression());
    }
    result.body = blockTo("endwith");
    return result;
}

Statement::Node Parser::callStatement() {
    CallBlock result;
    if (isSign("(")) result.signature = signature();
    const int line = current().line;
    result.call = expression();
    if (!std::holds_alternative<Call>(result.call->node)) throw Trouble("{% call %} wants a call", line);
    const int loops = std::exchange(m_loops, 0);
    result.body = blockTo("endcall");
    m_loops = loops;
    return result;
}

Target Parser::singleTarget(bool attributes) {
    const Level level(*this);
    if (skipSign("(")) {
        Target inner = target(attributes);
        expectSign(")");
        return inner;
    }
    Target result;
    const int line = current().line;
    result.name = expectName();
    if (std::find(std::begin(reserved), std::end(reserved), result.name) != std::end(reserved)) {
        throw Trouble("a value cannot be given to \"" + result.name + "\"", line);
    }
    if (attributes && skipSign(".")) result.attribute = expectName();
    return result;
}

Target Parser::target(bool attributes) {
    Target first = singleTarget(attributes);
    if (!isSign(",")) return first;
    Target all;
    all.parts.push_back(std::move(first));
    while (skipSign(",")) {
        if (isWord("in") || isSign("=") || isSign(")")) break;
        all.parts.push_back(singleTarget(attributes));
    }
    return all;
}

Signature Parser::signature() {
    Signature result;
    expectSign("(");
    while (!skipSign(")")) {
        if (!result.names.empty()) expectSign(",");
        const int line = current().line;
        result.names.push_back(singleTarget(false).name);
        if (result.names.back().empty()) throw Trouble("a parameter must be a name", line);
        if (skipSign("=")) result.defaults.push_back(expression());
        else if (!result.defaults.empty()) throw Trouble("a parameter without a default follows one with a default", line);
    }
    return result;
}

}  // namespace airframe::jinja

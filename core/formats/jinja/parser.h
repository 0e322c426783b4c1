// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/jinja/lexer.h"
#include "core/formats/jinja/syntax.h"

namespace airframe::jinja {

/// Recursive descent over the tokens of one template, after the published grammar. Everything it makes nests at most
/// max_depth levels, so that neither walking nor freeing the tree needs a deep stack. Throws Trouble with the line.
class Parser {
  public:
    static constexpr int max_depth = 100;

    Parser(std::vector<Token> tokens, Budget& budget) : m_tokens(std::move(tokens)), m_budget(budget) {}
    [[nodiscard]] Body parse();

  private:
    /// One level of recursion.
    class Level {
      public:
        explicit Level(Parser& parser);
        ~Level() { --m_parser.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        Parser& m_parser;
    };

    // Tokens.
    [[nodiscard]] const Token& current() const { return m_tokens[m_at]; }
    [[nodiscard]] const Token& next() const { return m_tokens[m_at + 1 < m_tokens.size() ? m_at + 1 : m_at]; }
    [[nodiscard]] bool isSign(std::string_view sign) const { return current().kind == Token::Kind::sign && current().text == sign; }
    [[nodiscard]] bool isWord(std::string_view word) const { return current().kind == Token::Kind::name && current().text == word; }
    Token take();
    bool skipSign(std::string_view sign);
    bool skipWord(std::string_view word);
    void expectSign(std::string_view sign);
    void expectWord(std::string_view word);
    [[nodiscard]] std::string expectName();
    [[noreturn]] void unexpected(std::string_view wanted) const;

    // Statements (parser_statements.cpp).
    Body body(std::initializer_list<std::string_view> ends);  ///< up to the tag word in `ends`, which stays current
    Body block(std::initializer_list<std::string_view> ends); ///< the same after the end of the tag we are in
    Body blockTo(std::string_view end);                       ///< the same, and past `end`
    Statement::Node statement();
    Statement::Node forStatement();
    Statement::Node ifStatement();
    Statement::Node setStatement();
    Statement::Node withStatement();
    Statement::Node callStatement();
    Target target(bool attributes);
    Target singleTarget(bool attributes);
    Signature signature();

    // Expressions (parser_expressions.cpp), from the loosest binding to the tightest.
    ExpressionPtr make(int line, Expression::Node node);
    ExpressionPtr tupleOr(bool conditional, bool parentheses = false);  ///< an expression, or several with commas: a tuple
    ExpressionPtr expression();
    ExpressionPtr disjunction();
    ExpressionPtr conjunction();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr joined();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr unary(bool filters = true);
    ExpressionPtr primary();
    ExpressionPtr postfix(ExpressionPtr object);
    ExpressionPtr subscript(ExpressionPtr object);
    ExpressionPtr filtersAndTests(ExpressionPtr input);
    ExpressionPtr filters(ExpressionPtr input, bool first_is_here = false);
    ExpressionPtr test(ExpressionPtr input);
    ExpressionPtr dictionary();
    CallArguments callArguments();
    std::string dottedName();

    std::vector<Token> m_tokens;
    Budget& m_budget;
    std::size_t m_at = 0;
    int m_depth = 0;
    int m_loops = 0;  ///< open for loops around here
};

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/parser.h"

#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {

Parser::Level::Level(Parser& parser) : m_parser(parser) {
    if (parser.m_depth >= max_depth)
        throw Trouble("nests deeper than " + std::to_string(max_depth) + " levels", parser.current().line);
    ++parser.m_depth;
}

Body Parser::parse() {
    Body result = body({});
    if (current().kind != Token::Kind::end) unexpected("the end of the template");
    return result;
}

Token Parser::take() {
    const Token& token = current();
    if (token.kind != Token::Kind::end) ++m_at;
    return token;
}

bool Parser::skipSign(std::string_view sign) {
    if (!isSign(sign)) return false;
    ++m_at;
    return true;
}

bool Parser::skipWord(std::string_view word) {
    if (!isWord(word)) return false;
    ++m_at;
    return true;
}

void Parser::expectSign(std::string_view sign) {
    if (!skipSign(sign)) unexpected("\"" + std::string(sign) + "\"");
}

void Parser::expectWord(std::string_view word) {
    if (!skipWord(word)) unexpected("\"" + std::string(word) + "\"");
}

std::string Parser::expectName() {
    if (current().kind != Token::Kind::name) unexpected("a name");
    return take().text;
}

void Parser::unexpected(std::string_view wanted) const {
    const Token& token = current();
    std::string found;
    switch (token.kind) {
        case Token::Kind::data: found = "text"; break;
        case Token::Kind::output_begin: found = "\"{{\""; break;
        case Token::Kind::output_end: found = "\"}}\""; break;
        case Token::Kind::block_begin: found = "\"{%\""; break;
        case Token::Kind::block_end: found = "\"%}\""; break;
        case Token::Kind::string: found = "a string"; break;
        case Token::Kind::end: found = "the end of the template"; break;
        default: found = "\"" + token.text + "\"";
    }
    throw Trouble(std::string(wanted) + " was wanted, found " + found, token.line);
}

}  // namespace airframe::jinja

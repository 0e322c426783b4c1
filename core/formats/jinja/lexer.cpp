// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/formats/jinja/string_literal.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

constexpr std::array<std::string_view, 6> long_signs{"//", "**", "==", "!=", ">=", "<="};
constexpr std::string_view short_signs = "+-/*%~[](){}><=.:|,;";

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string withPlainNewlines(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n') continue;
        out += source[i] == '\r' ? '\n' : source[i];
    }
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

class Lexer {
  public:
    explicit Lexer(std::string_view source) : m_source(withPlainNewlines(source)) {}

    std::vector<Token> run() {
        while (m_at < m_source.size()) plainText();
        add(Token::Kind::end, {});
        return std::move(m_tokens);
    }

  private:
    std::string_view rest() const { return std::string_view(m_source).substr(m_at); }
    bool at(std::string_view text) const { return rest().starts_with(text); }
    void add(Token::Kind kind, std::string text) { m_tokens.push_back({kind, std::move(text), m_line}); }
    void skip(std::size_t count) {
        m_line += static_cast<int>(std::count(m_source.begin() + static_cast<std::ptrdiff_t>(m_at),
                                              m_source.begin() + static_cast<std::ptrdiff_t>(m_at + count), '\n'));
        m_at += count;
    }
    void skipSpace() {
        const std::string_view left = rest();
        skip(left.size() - text::strip(left, text::Side::left).size());
    }

    /// Text up to the next tag, then that tag to its end.
    void plainText() {
        std::size_t begin = m_at;
        while ((begin = m_source.find('{', begin)) != std::string::npos) {
            if (begin + 1 < m_source.size() && std::string_view("{%#").find(m_source[begin + 1]) != std::string_view::npos) break;
            ++begin;
        }
        if (begin == std::string::npos) {
            add(Token::Kind::data, std::string(rest()));
            return skip(rest().size());
        }
        const char kind = m_source[begin + 1];
        const char sign = begin + 2 < m_source.size() ? m_source[begin + 2] : '\0';
        dataBefore(begin, sign, kind != '{');
        skip(begin - m_at);
        const int line = m_line;
        const std::size_t opening = sign == '-' || sign == '+' ? 3 : 2;
        if (kind == '%' && rawBegins(opening)) return raw(line);
        skip(opening);
        if (kind == '#') return comment(line);
        add(kind == '{' ? Token::Kind::output_begin : Token::Kind::block_begin, {});
        inside(kind == '%', line);
    }

    /// The text from here to `end`, without the white space that the tag at `end` takes away.
    void dataBefore(std::size_t end, char sign, bool line_tag) {
        std::string_view data = std::string_view(m_source).substr(m_at, end - m_at);
        if (sign == '-') {
            data = text::strip(data, text::Side::right);
        } else if (sign != '+' && line_tag) {
            // The indentation of a tag that stands first on its line goes.
            const std::size_t newline = data.rfind('\n');
            const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
            if ((begin > 0 || m_line_begins) && text::strip(data.substr(begin)).empty()) data = data.substr(0, begin);
        }
        if (!data.empty()) add(Token::Kind::data, std::string(data));
    }

    /// Past the end of a tag whose closing mark is `size` long, and the white space that it takes.
    void closeTag(std::size_t size, char sign, bool trims_newline) {
        skip(size);
        const std::size_t before = m_at;
        if (sign == '-') skipSpace();
        else if (sign != '+' && trims_newline && at("\n")) skip(1);
        m_line_begins = m_at > before && m_source[m_at - 1] == '\n';
    }

    void comment(int line) {
        const std::size_t begin = m_at, end = m_source.find("#}", m_at);
        if (end == std::string::npos) throw Trouble("a comment is not closed by \"#}\"", line);
        const char sign = end > begin ? m_source[end - 1] : '\0';
        skip(end - begin);
        closeTag(2, sign, true);
    }

    /// Whether the tag here is {% raw %}; goes past it if it is.
    bool rawBegins(std::size_t opening) {
        std::string_view left = text::strip(rest().substr(opening), text::Side::left);
        if (!left.starts_with("raw")) return false;
        left = text::strip(left.substr(3), text::Side::left);
        const bool dash = left.starts_with("-%}");
        if (!dash && !left.starts_with("%}")) return false;
        skip(rest().size() - left.size());
        closeTag(dash ? 3 : 2, dash ? '-' : '+', false);
        return true;
    }

    void raw(int line) {
        for (std::size_t begin = m_at; (begin = m_source.find("{%", begin)) != std::string::npos; ++begin) {
            const char sign = begin + 2 < m_source.size() ? m_source[begin + 2] : '\0';
            std::string_view left = std::string_view(m_source).substr(begin + (sign == '-' || sign == '+' ? 3 : 2));
            left = text::strip(left, text::Side::left);
            if (!left.starts_with("endraw")) continue;
            left = text::strip(left.substr(6), text::Side::left);
            const char end_sign = left.starts_with("-") || left.starts_with("+") ? left[0] : '\0';
            if (!left.substr(end_sign ? 1 : 0).starts_with("%}")) continue;
            dataBefore(begin, sign, true);
            skip(rest().size() - left.size());
            return closeTag(end_sign ? 3 : 2, end_sign, true);
        }
        throw Trouble("{% raw %} is not closed by {% endraw %}", line);
    }

    /// What stands inside {{ }} or {% %}, with its end.
    void inside(bool block, int line) {
        const std::string_view closing = block ? "%}" : "}}";
        while (true) {
            skipSpace();
            if (m_at >= m_source.size())
                throw Trouble(block ? "a tag is not closed by \"%}\"" : "an output is not closed by \"}}\"", line);
            if (m_open.empty()) {
                const char sign = rest()[0] == '-' || (block && rest()[0] == '+') ? rest()[0] : '\0';
                if (rest().substr(sign ? 1 : 0).starts_with(closing)) {
                    add(block ? Token::Kind::block_end : Token::Kind::output_end, {});
                    return closeTag(sign ? 3 : 2, sign, block);
                }
            }
            if (isDigit(rest()[0])) number();
            else if (isNameByte(rest()[0])) name();
            else if (rest()[0] == '"' || rest()[0] == '\'') string();
            else sign();
        }
    }

    void name() {
        std::size_t size = 1;
        while (size < rest().size() && isNameByte(rest()[size])) ++size;
        add(Token::Kind::name, std::string(rest().substr(0, size)));
        skip(size);
    }

    /// Digits with single underscores between them, from `from`; the offset after them, `from` if there are none.
    std::size_t digitsEnd(std::size_t from) const {
        std::size_t end = from;
        while (end < rest().size() && (isDigit(rest()[end]) || (end > from && rest()[end] == '_' &&
                                                                end + 1 < rest().size() && isDigit(rest()[end + 1]))))
            ++end;
        return end;
    }

    void number() {
        const std::string_view left = rest();
        // After a dot digits are an index: x.0.1
        const bool after_dot = m_at > 0 && m_source[m_at - 1] == '.';
        std::size_t end = digitsEnd(0);
        bool real = false;
        if (!after_dot) {
            if (end < left.size() && left[end] == '.' && digitsEnd(end + 1) > end + 1) {
                end = digitsEnd(end + 1);
                real = true;
            }
            if (end < left.size() && (left[end] == 'e' || left[end] == 'E')) {
                const std::size_t sign = end + 1 < left.size() && (left[end + 1] == '+' || left[end + 1] == '-') ? 1 : 0;
                if (digitsEnd(end + 1 + sign) > end + 1 + sign) {
                    end = digitsEnd(end + 1 + sign);
                    real = true;
                }
            }
        }
        if (end < left.size() && isNameByte(left[end]))
            throw Trouble("a number goes on with \"" + std::string(1, left[end]) + "\"", m_line);
        std::string digits(left.substr(0, end));
        std::erase(digits, '_');
        add(real ? Token::Kind::real : Token::Kind::integer, std::move(digits));
        skip(end);
    }

    void string() {
        const char quote = rest()[0];
        std::size_t end = 1;
        while (end < rest().size() && rest()[end] != quote) end += rest()[end] == '\\' ? 2 : 1;
        if (end >= rest().size()) throw Trouble("a string is not closed", m_line);
        add(Token::Kind::string, unescaped(rest().substr(1, end - 1), m_line));
        skip(end + 1);
    }

    void sign() {
        const std::string_view left = rest();
        std::string found;
        for (const std::string_view sign : long_signs) {
            if (left.starts_with(sign)) found = sign;
        }
        if (found.empty()) {
            if (short_signs.find(left[0]) == std::string_view::npos) {
                throw Trouble("an unexpected character, \"" + std::string(left.substr(0, text::offset(left, 1))) + "\"", m_line);
            }
            found = left[0];
        }
        const char c = found[0];
        if (c == '(' || c == '[' || c == '{') m_open += c == '(' ? ')' : c == '[' ? ']' : '}';
        if (c == ')' || c == ']' || c == '}') {
            if (m_open.empty() || m_open.back() != c) throw Trouble("\"" + found + "\" closes nothing", m_line);
            m_open.pop_back();
        }
        add(Token::Kind::sign, found);
        skip(found.size());
    }

    std::string m_source;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_line_begins = true;  ///< the last tag ended with a newline, or there was none
    std::string m_open;         ///< brackets still to be closed, innermost last
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokenise(std::string_view source) { return Lexer(source).run(); }

}  // namespace airframe::jinja

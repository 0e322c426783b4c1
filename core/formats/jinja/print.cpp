// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/print.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// float.__repr__: the shortest digits that read back equal, with an exponent below 1e-4 and from 1e16.
std::string floatText(double x, const char* nan, const char* infinity) {
    if (std::isnan(x)) return nan;
    if (std::isinf(x)) return x < 0 ? std::string("-") + infinity : infinity;
    char buffer[40];
    const std::string_view text(
        buffer, static_cast<std::size_t>(
                    std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::scientific).ptr - buffer));
    const std::size_t e = text.find('e');
    const int exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
    std::string digits, sign = text[0] == '-' ? "-" : "";
    for (const char c : text.substr(0, e)) {
        if (c >= '0' && c <= '9') digits += c;
    }
    const int size = static_cast<int>(digits.size());
    if (exponent < -4 || exponent >= 16) {
        std::snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
        return sign + digits[0] + (size > 1 ? "." + digits.substr(1) : "") + buffer;
    }
    if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    if (size <= exponent + 1) return sign + digits + std::string(static_cast<std::size_t>(exponent + 1 - size), '0') + ".0";
    return sign + digits.substr(0, static_cast<std::size_t>(exponent + 1)) + "." +
           digits.substr(static_cast<std::size_t>(exponent + 1));
}

std::string pythonString(std::string_view text) {
    const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
        const char32_t c = text::first(text.substr(at), size);
        char code[16];
        if (c == static_cast<char32_t>(quote) || c == '\\') out.append("\\").append(text.substr(at, 1));
        else if (c == '\n') out += "\\n";
        else if (c == '\r') out += "\\r";
        else if (c == '\t') out += "\\t";
        else if (text::isPrintable(c)) out += text.substr(at, size);
        else {
            std::snprintf(code, sizeof code, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(c));
            out += code;
        }
    }
    return out + quote;
}

std::string jsonString(std::string_view text, bool ascii) {
    std::string out = "\"";
    const auto escape = [&](char32_t unit) {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(unit) & 0xFFFFu);
        out += code;
    };
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
        const char32_t c = text::first(text.substr(at), size);
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '\f': out += "\\f"; break;
            case '\b': out += "\\b"; break;
            default:
                if (c >= 0x20 && (c < 0x7F || !ascii)) {
                    out += text.substr(at, size);
                } else if (c < 0x10000) {
                    escape(c);
                } else {
                    escape(0xD800 + ((c - 0x10000) >> 10));
                    escape(0xDC00 + ((c - 0x10000) & 0x3FF));
                }
        }
    }
    return out + "\"";
}

/// Appends to one text that may not outgrow the budget, however often a shared part is printed.
class Printer {
  public:
    explicit Printer(Budget& budget) : m_budget(budget) {}

    void python(const Value& value) {
        m_budget.step();
        if (value.isUndefined()) return add("Undefined");
        if (value.isNone()) return add("None");
        if (value.isBool()) return add(value.truth() ? "True" : "False");
        if (value.isInteger()) return add(std::to_string(value.integer("value")));
        if (value.isFloat()) return add(floatText(value.number(), "nan", "inf"));
        if (const std::string* text = value.asText()) return add(pythonString(*text));
        if (const Dict* dict = value.asDict()) {
            add("{");
            for (std::size_t i = 0; i < dict->entries.size(); ++i) {
                if (i > 0) add(", ");
                python(dict->entries[i].first);
                add(": ");
                python(dict->entries[i].second);
            }
            return add("}");
        }
        const List* list = value.asList();
        if (!list || (list->kind != List::Kind::list && list->kind != List::Kind::tuple)) {
            throw Trouble("prints a " + value.typeName() + ", which has no text");
        }
        const bool tuple = list->kind == List::Kind::tuple;
        add(tuple ? "(" : "[");
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            if (i > 0) add(", ");
            python(list->items[i]);
        }
        add(tuple ? list->items.size() == 1 ? ",)" : ")" : "]");
    }

    void json(const Value& value, const JsonStyle& style, int level) {
        m_budget.step();
        if (value.isNone()) return add("null");
        if (value.isBool()) return add(value.truth() ? "true" : "false");
        if (value.isInteger()) return add(std::to_string(value.integer("value")));
        if (value.isFloat()) return add(floatText(value.number(), "NaN", "Infinity"));
        if (const std::string* text = value.asText()) return add(jsonString(*text, style.ascii));
        const auto separate = [&](bool begun, int depth) {
            if (begun) add(style.item_separator);
            if (!style.lines) return;
            add("\n");
            for (int i = 0; i < depth; ++i) add(style.indent);
        };
        if (const Dict* dict = value.asDict()) {
            if (dict->entries.empty()) return add("{}");
            std::vector<const std::pair<Value, Value>*> order;
            for (const auto& entry : dict->entries) order.push_back(&entry);
            if (style.sort_keys) sortKeys(order);
            add("{");
            for (std::size_t i = 0; i < order.size(); ++i) {
                separate(i > 0, level + 1);
                key(order[i]->first, style);
                add(style.key_separator);
                json(order[i]->second, style, level + 1);
            }
            separate(false, level);
            return add("}");
        }
        const List* list = value.asList();
        if (!list || (list->kind != List::Kind::list && list->kind != List::Kind::tuple)) {
            throw Trouble("writes a value of type " + value.typeName() + " as JSON, which has no form for it");
        }
        if (list->items.empty()) return add("[]");
        add("[");
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            separate(i > 0, level + 1);
            json(list->items[i], style, level + 1);
        }
        separate(false, level);
        add("]");
    }

    std::string take() { return std::move(m_out); }

  private:
    void add(std::string_view text) {
        if (m_out.size() + text.size() > Budget::max_text) m_budget.text(m_out.size() + text.size());
        m_budget.bytes(text.size());
        m_out += text;
    }
    /// JSON's keys are texts: json.dumps() turns numbers and constants into them.
    void key(const Value& value, const JsonStyle& style) {
        if (value.asText()) return json(value, style, 0);
        if (!value.isNone() && !value.isNumber()) throw Trouble("writes a " + value.typeName() + " as a key of JSON");
        add("\"");
        json(value, style, 0);
        add("\"");
    }
    void sortKeys(std::vector<const std::pair<Value, Value>*>& order) {
        for (const auto* entry : order) {
            if (!entry->first.asText()) throw Trouble("sorts keys of JSON that are not all texts");
            m_budget.step(16);
        }
        std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
            m_budget.bytes(std::min(a->first.asText()->size(), b->first.asText()->size()));
            return *a->first.asText() < *b->first.asText();
        });
    }

    Budget& m_budget;
    std::string m_out;
};

}  // namespace

std::string printed(Budget& budget, const Value& value) {
    if (value.isUndefined()) return {};
    if (const std::string* text = value.asText()) {
        budget.bytes(text->size());
        return *text;
    }
    return represented(budget, value);
}

std::string represented(Budget& budget, const Value& value) {
    Printer printer(budget);
    printer.python(value);
    return printer.take();
}

std::string jsonText(Budget& budget, const Value& value, const JsonStyle& style) {
    Printer printer(budget);
    printer.json(value, style, 0);
    return printer.take();
}

}  // namespace airframe::jinja

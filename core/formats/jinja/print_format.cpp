// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/print_format.h"

#include <cmath>
#include <cstdio>

#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

constexpr int max_width = 1000;

/// One conversion: "%-5.2f".
struct Conversion {
    bool left = false, zeros = false, plus = false;
    int width = 0, precision = -1;
    char letter = 0;
};

int readNumber(const std::string& format, std::size_t& at) {
    int number = 0;
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
        number = number * 10 + (format[at] - '0');
        if (number > max_width) throw Trouble("formats with a width beyond " + std::to_string(max_width));
    }
    return number;
}

Conversion readConversion(const std::string& format, std::size_t& at) {
    Conversion result;
    for (; at < format.size(); ++at) {
        if (format[at] == '-') result.left = true;
        else if (format[at] == '0') result.zeros = true;
        else if (format[at] == '+') result.plus = true;
        else break;
    }
    result.width = readNumber(format, at);
    if (at < format.size() && format[at] == '.') result.precision = readNumber(format, ++at);
    result.letter = at < format.size() ? format[at++] : '\0';
    return result;
}

/// Digits with their sign and the padding asked for.
std::string number(const Conversion& how, const Value& value) {
    if (!value.isNumber()) throw Trouble(std::string("formats a ") + value.typeName() + " with %" + how.letter);
    const double x = value.number();
    std::string digits, sign = x < 0 ? "-" : how.plus ? "+" : "";
    if (how.letter == 'f') {
        const int size = std::snprintf(nullptr, 0, "%.*f", how.precision < 0 ? 6 : how.precision, std::fabs(x));
        digits.resize(static_cast<std::size_t>(size) + 1);
        std::snprintf(digits.data(), digits.size(), "%.*f", how.precision < 0 ? 6 : how.precision, std::fabs(x));
        digits.pop_back();
        if (std::signbit(x)) sign = "-";
    } else {
        if (value.isFloat() && (how.letter == 'x' || !(std::fabs(x) < 0x1p63))) throw Trouble("formats a float as a whole number");
        const std::int64_t whole = value.isFloat() ? static_cast<std::int64_t>(x) : value.integer("value");
        const std::uint64_t magnitude = whole < 0 ? 0 - static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole);
        char buffer[24];
        std::snprintf(buffer, sizeof buffer, how.letter == 'x' ? "%lx" : "%lu", static_cast<unsigned long>(magnitude));
        digits = buffer;
        sign = whole < 0 ? "-" : how.plus ? "+" : "";
        if (how.precision > static_cast<int>(digits.size()))
            digits.insert(0, static_cast<std::size_t>(how.precision) - digits.size(), '0');
    }
    const std::size_t size = sign.size() + digits.size();
    if (how.zeros && !how.left && static_cast<std::size_t>(how.width) > size)
        digits.insert(0, static_cast<std::size_t>(how.width) - size, '0');
    return sign + digits;
}

}  // namespace

std::string formatted(Budget& budget, const std::string& format, const Value& values) {
    budget.bytes(format.size());
    const List* list = values.asList();
    const bool tuple = list && list->kind == List::Kind::tuple;
    std::size_t used = 0;
    const auto nextValue = [&]() -> Value {
        if (tuple ? used >= list->items.size() : used >= 1) throw Trouble("formats with more conversions than values");
        return tuple ? list->items[used++] : (++used, values);
    };
    std::string out;
    bool named = false;
    for (std::size_t at = 0; at < format.size();) {
        if (format[at] != '%') {
            out += format[at++];
            continue;
        }
        ++at;
        Value value;
        bool have = false;
        if (at < format.size() && format[at] == '(') {
            const std::size_t end = format.find(')', at);
            const Dict* dict = values.asDict();
            const Value* found = end != std::string::npos && dict
                                     ? dict->find(budget, std::string_view(format).substr(at + 1, end - at - 1))
                                     : nullptr;
            if (!found) throw Trouble("formats with a name that has no value");
            value = *found;
            have = named = true;
            at = end + 1;
        }
        const Conversion how = readConversion(format, at);
        if (how.letter == '%') {
            out += '%';
            continue;
        }
        if (how.letter == '\0' || std::string_view("srdixf").find(how.letter) == std::string_view::npos) {
            throw Trouble("formats with a conversion that is not supported; %s %r %d %i %x %f are");
        }
        if (!have) value = nextValue();
        std::string text;
        if (how.letter == 's' || how.letter == 'r') {
            text = how.letter == 's' ? printed(budget, value) : represented(budget, value);
            if (how.precision >= 0) text.resize(text::offset(text, static_cast<std::size_t>(how.precision)));
        } else {
            text = number(how, value);
        }
        const std::size_t size = text::length(text);
        const std::size_t padding = static_cast<std::size_t>(how.width) > size ? static_cast<std::size_t>(how.width) - size : 0;
        budget.bytes(text.size() + padding);
        if (!how.left) out.append(padding, ' ');
        out += text;
        if (how.left) out.append(padding, ' ');
        if (out.size() > Budget::max_text) budget.text(out.size());
    }
    if (!named && (tuple ? used < list->items.size() : used == 0 && !values.asDict()))
        throw Trouble("formats with more values than conversions");
    return out;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/filters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/formats/jinja/access.h"
#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/methods.h"
#include "core/formats/jinja/operators.h"
#include "core/formats/jinja/print.h"
#include "core/formats/jinja/text.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

Value fallback(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("default", {"default_value", "boolean"});
    if (!input.isUndefined() && (input.truth() || !given[1].truth())) return input;
    const bool named = std::any_of(arguments.named.begin(), arguments.named.end(),
                                   [](const auto& each) { return each.first == "default_value"; });
    return arguments.positional.empty() && !named ? Value::text(evaluator.budget(), {}) : given[0];
}

Value attribute(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("attr", {"name"}, 1);
    const std::string* name = given[0].asText();
    if (!name) throw Trouble("attr() wants the name of an attribute");
    if (input.asDict() && !findMethod(input, *name))
        return Value::undefined("a dict has no attribute '" + name->substr(0, 100) + "'");
    return attributeOf(evaluator.budget(), input, *name);
}

Value length(Evaluator&, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("length", {});
    if (const auto size = lengthOf(input)) return *size;
    throw Trouble("a value of type " + input.typeName() + " has no length");
}

Value json(Evaluator& evaluator, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.ascii = given[0].truth();
    style.sort_keys = given[3].truth();
    if (!given[1].isUndefined() && !given[1].isNone()) {
        style.lines = true;
        style.item_separator = ",";
        if (const std::string* text = given[1].asText()) style.indent = *text;
        else
            style.indent = std::string(
                static_cast<std::size_t>(std::clamp<std::int64_t>(given[1].integer("indent"), 0, 1000)), ' ');
    }
    if (const List* separators = given[2].asList()) {
        if (separators->items.size() != 2 || !separators->items[0].asText() || !separators->items[1].asText()) {
            throw Trouble("tojson() wants two texts as separators");
        }
        style.item_separator = *separators->items[0].asText();
        style.key_separator = *separators->items[1].asText();
    }
    return Value::text(evaluator.budget(), jsonText(evaluator.budget(), input, style));
}

/// float() of a text: nothing if it is none.
bool parseReal(const std::string& text, double& result) {
    std::string digits(text::strip(text));
    for (std::size_t i = 1; i + 1 < digits.size(); ++i) {
        if (digits[i] == '_' && std::isdigit(static_cast<unsigned char>(digits[i - 1])) &&
            std::isdigit(static_cast<unsigned char>(digits[i + 1])))
            digits.erase(i, 1);
    }
    std::string_view view = digits;
    if (view.starts_with('+')) view.remove_prefix(1);
    if (view.empty() || view.starts_with('+')) return false;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), result);
    if (end != view.data() + view.size() || view.find('(') != std::string_view::npos) return false;
    if (error == std::errc::result_out_of_range) result = std::strtod(digits.c_str(), nullptr);
    return error == std::errc{} || error == std::errc::result_out_of_range;
}

/// int() of a text in a base; false if it is none. Throws Trouble beyond 64 bits.
bool parseWhole(const std::string& text, int base, std::int64_t& result) {
    std::string digits(text::strip(text));
    std::string sign;
    if (digits.starts_with('-') || digits.starts_with('+')) {
        if (digits[0] == '-') sign = "-";
        digits.erase(0, 1);
    }
    if (digits.size() > 2 && digits[0] == '0') {
        const char letter = static_cast<char>(std::tolower(static_cast<unsigned char>(digits[1])));
        if ((base == 16 && letter == 'x') || (base == 8 && letter == 'o') || (base == 2 && letter == 'b')) digits.erase(0, 2);
    }
    if (digits.empty() || !std::isalnum(static_cast<unsigned char>(digits[0]))) return false;
    digits = sign + digits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result, base);
    if (end != digits.data() + digits.size()) return false;
    if (error == std::errc::result_out_of_range) throw Trouble("int() meets a number beyond 64 bits");
    return error == std::errc{};
}

Value whole(Evaluator&, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("int", {"default", "base"});
    const Value otherwise = given[0].isUndefined() ? Value(std::int64_t{0}) : given[0];
    const std::int64_t base = given[1].isUndefined() ? 10 : given[1].integer("base");
    if (base < 2 || base > 36) throw Trouble("int() knows bases from 2 to 36");
    if (input.isInteger() || input.isBool()) return input.integer("value");
    double real = 0;
    if (const std::string* text = input.asText()) {
        std::int64_t number = 0;
        if (parseWhole(*text, static_cast<int>(base), number)) return number;
        if (!parseReal(*text, real)) return otherwise;
    } else if (input.isFloat()) {
        real = input.number();
    } else {
        return otherwise;
    }
    if (!std::isfinite(real)) return otherwise;
    if (!(std::fabs(real) < 0x1p63)) throw Trouble("int() meets a number beyond 64 bits");
    return static_cast<std::int64_t>(real);
}

Value real(Evaluator&, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("float", {"default"});
    if (input.isNumber()) return input.number();
    double number = 0;
    if (const std::string* text = input.asText(); text && parseReal(*text, number)) return number;
    return given[0].isUndefined() ? Value(0.0) : given[0];
}

Value absolute(Evaluator&, const Value& input, const Arguments& arguments) {
    (void)arguments.bind("abs", {});
    if (input.isFloat()) return std::fabs(input.number());
    const std::int64_t number = input.integer("what abs() is given");
    return number < 0 ? negated(number) : Value(number);
}

Value rounded(Evaluator&, const Value& input, const Arguments& arguments) {
    const auto given = arguments.bind("round", {"precision", "method"});
    const std::int64_t precision = given[0].isUndefined() ? 0 : given[0].integer("precision");
    const std::string method = given[1].asText() ? *given[1].asText() : given[1].isUndefined() ? "common" : "";
    if (!input.isNumber()) throw Trouble("round() is given a " + input.typeName());
    if (precision < 0 || precision > 15) throw Trouble("round() knows precisions from 0 to 15");
    if (method == "common") {
        if (!input.isFloat()) return input.integer("value");
        // Through decimal digits, as Python rounds: the tie is that of the number itself, not of a product.
        char digits[400];
        std::snprintf(digits, sizeof digits, "%.*f", static_cast<int>(precision), input.number());
        return std::strtod(digits, nullptr);
    }
    const double scale = std::pow(10.0, static_cast<double>(precision));
    if (method == "ceil") return std::ceil(input.number() * scale) / scale;
    if (method == "floor") return std::floor(input.number() * scale) / scale;
    throw Trouble("round() knows the methods common, ceil and floor");
}

constexpr FilterRow table[] = {{"abs", absolute}, {"attr", attribute}, {"count", length}, {"d", fallback}, {"default", fallback},
                               {"float", real}, {"int", whole}, {"length", length}, {"round", rounded}, {"tojson", json}};

}  // namespace

FilterFunction findFilter(std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table), [&](const FilterRow& row) { return row.name == name; });
    if (it != std::end(table)) return it->run;
    for (const auto find : {findTextFilter, findSequenceFilter, findChoiceFilter}) {
        if (const FilterFunction found = find(name)) return found;
    }
    return nullptr;
}

}  // namespace airframe::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/option_spec.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace {

using nlohmann::json;

std::string shortText(const json& value) {
    std::string text = value.is_string() ? value.get<std::string>()
                                         : value.dump(-1, ' ', false, json::error_handler_t::replace);
    text = toValidUtf8(text);
    if (text.size() > 60) text = toValidUtf8(text.substr(0, 57)) + "...";
    return "'" + text + "'";
}

std::string shortNumber(double value) {
    json whole = static_cast<std::int64_t>(value);
    return value == std::floor(value) && std::abs(value) < 1e15 ? whole.dump() : json(value).dump();
}

[[noreturn]] void refuse(const OptionSpec& spec, const std::string& wanted, const json& given) {
    throw Failure(ErrorCode::options, spec.shown(), "must be " + wanted + ", not " + shortText(given));
}

std::string range(const OptionSpec& spec) {
    const bool low = spec.low > -1e17, high = spec.high < 1e17;
    if (low && high) return " from " + shortNumber(spec.low) + " to " + shortNumber(spec.high);
    if (low) return " of at least " + shortNumber(spec.low);
    if (high) return " of at most " + shortNumber(spec.high);
    return "";
}

std::optional<std::int64_t> wholeNumber(const json& given) {
    if (given.is_number_integer()) return given.get<std::int64_t>();
    if (given.is_number_float()) {
        const double value = given.get<double>();
        if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
        return std::nullopt;
    }
    if (!given.is_string()) return std::nullopt;
    const auto& text = given.get_ref<const std::string&>();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> realNumber(const json& given) {
    if (given.is_number()) return given.get<double>();
    if (!given.is_string()) return std::nullopt;
    const auto& text = given.get_ref<const std::string&>();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The parts of a list given as an array, or as one text with commas.
json::array_t parts(const json& given) {
    if (given.is_array()) return given.get<json::array_t>();
    json::array_t list;
    if (!given.is_string()) return {given};
    const auto& text = given.get_ref<const std::string&>();
    if (text.empty()) return list;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = text.find(',', begin);
        list.push_back(text.substr(begin, comma == std::string::npos ? comma : comma - begin));
        if (comma == std::string::npos) return list;
        begin = comma + 1;
    }
}

bool inRange(const OptionSpec& spec, double value) { return value >= spec.low && value <= spec.high; }

}  // namespace

bool OptionSpec::positional() const { return !name.empty() && std::isupper(static_cast<unsigned char>(name[0])); }

std::string OptionSpec::shown() const { return positional() ? name : "--" + name; }

std::string OptionSpec::key() const {
    std::string key = name;
    for (char& c : key) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return key;
}

json OptionSpec::read(const json& given) const {
    switch (kind) {
        case OptionKind::flag: {
            if (given.is_boolean()) return given;
            refuse(*this, "true or false", given);
        }
        case OptionKind::integer: {
            const auto value = wholeNumber(given);
            if (!value || !inRange(*this, static_cast<double>(*value))) refuse(*this, "a whole number" + range(*this), given);
            return *value;
        }
        case OptionKind::number: {
            const auto value = realNumber(given);
            if (!value || !std::isfinite(*value) || !inRange(*this, *value)) refuse(*this, "a number" + range(*this), given);
            return *value;
        }
        case OptionKind::text: {
            if (!given.is_string()) refuse(*this, "a text", given);
            const auto& text = given.get_ref<const std::string&>();
            if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
                std::string list;
                for (const auto& choice : choices) list += (list.empty() ? "" : " or ") + choice;
                refuse(*this, list, given);
            }
            return given;
        }
        case OptionKind::texts: {
            const json list = given.is_array() ? given : json::array({given});
            for (const auto& part : list)
                if (!part.is_string() || part.get_ref<const std::string&>().empty()) refuse(*this, "a list of texts", given);
            return list;
        }
        case OptionKind::words: {
            json list = json::array();
            for (const auto& part : parts(given)) {
                if (!part.is_string() || part.get_ref<const std::string&>().empty()) {
                    refuse(*this, "words with commas between them", given);
                }
                list.push_back(part);
            }
            return list;
        }
        case OptionKind::integers: {
            json list = json::array();
            for (const auto& part : parts(given)) {
                const auto value = wholeNumber(part);
                if (!value || !inRange(*this, static_cast<double>(*value))) {
                    refuse(*this, "whole numbers" + range(*this) + " with commas between them", part);
                }
                list.push_back(*value);
            }
            return list;
        }
    }
    throw Failure(ErrorCode::internal, shown(), "has an unknown kind");
}

}  // namespace airframe

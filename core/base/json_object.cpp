// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json_object.h"

#include <unordered_set>
#include <vector>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace {
constexpr int max_depth = 64;
}

nlohmann::json parseJsonObject(std::string_view text, const std::string& where) {
    using json = nlohmann::json;
    std::vector<std::unordered_set<std::string>> keys;  // of the objects now open
    const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& value) {
        if (depth > max_depth) {
            throw Failure(ErrorCode::bad_input, where, "nests deeper than " + std::to_string(max_depth) + " levels");
        }
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.back().insert(value.get_ref<const std::string&>()).second) {
            throw Failure(ErrorCode::bad_input, where, "the key \"" + value.get<std::string>() + "\" occurs twice");
        }
        return true;
    };
    // The parser takes a NUL for the end of its input and would pass over whatever follows.
    if (text.find('\0') != std::string_view::npos) throw Failure(ErrorCode::bad_input, where, "holds a NUL byte");
    json result;
    try {
        result = json::parse(text.begin(), text.end(), watch);
    } catch (const json::exception& error) {
        throw Failure(ErrorCode::bad_input, where, "is not valid JSON: " + toValidUtf8(error.what()));
    }
    if (!result.is_object()) {
        throw Failure(ErrorCode::bad_input, where, std::string("a JSON object was expected, found ") + result.type_name());
    }
    return result;
}

}  // namespace airframe

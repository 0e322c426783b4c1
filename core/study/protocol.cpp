// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/protocol.h"

#include <array>
#include <set>
#include <string_view>

namespace airframe::protocol {
namespace {

using nlohmann::json;

// Operations without a job number, and those that act on a running job.
constexpr std::array<std::string_view, 3> free_operations = {"hello", "detach", "quit"};
constexpr std::array<std::string_view, 5> target_operations = {"pause", "resume", "stop", "cancel", "steer"};

bool oneOf(const auto& words, const std::string& word) {
    for (const auto candidate : words)
        if (candidate == word) return true;
    return false;
}

[[noreturn]] void fail(const std::string& what, const std::string& hint = "core/study/README.md lists the messages") {
    throw Failure(ErrorCode::bad_input, "protocol", what, hint);
}

std::int64_t positive(const json& message, const char* field) {
    const auto it = message.find(field);
    if (it == message.end()) fail(std::string("field \"") + field + "\" is missing");
    if (!it->is_number_integer() || it->get<std::int64_t>() < 1)
        fail(std::string("field \"") + field + "\" must be a whole number above 0, found " +
             it->dump(-1, ' ', false, json::error_handler_t::replace));
    return it->get<std::int64_t>();
}

/// Text from files and models may hold bytes that are not UTF-8; a message never does.
std::string dumped(const json& message) {
    return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Request parseRequest(const std::string& line) {
    const json message = json::parse(line, nullptr, false);
    if (message.is_discarded()) fail("the line is not JSON", "send one JSON object a line");
    if (!message.is_object()) fail("the line is JSON but not an object", "send one JSON object a line");
    static const std::set<std::string> known = {"id", "op", "target", "params", "steering"};
    for (const auto& item : message.items())
        if (!known.contains(item.key())) fail("unknown field \"" + item.key() + "\"");
    const auto op = message.find("op");
    if (op == message.end()) fail("field \"op\" is missing");
    if (!op->is_string() || op->get<std::string>().empty()) fail("field \"op\" must be a word, found " + dumped(*op));
    Request request;
    request.op = op->get<std::string>();
    if (oneOf(target_operations, request.op)) {
        request.target = positive(message, "target");
    } else if (!oneOf(free_operations, request.op)) {
        request.id = positive(message, "id");
    }
    if (const auto params = message.find("params"); params != message.end()) {
        if (!params->is_object()) fail("field \"params\" must be an object, found " + dumped(*params));
        request.params = *params;
    }
    const auto steering = message.find("steering");
    if (request.op == "steer" && steering == message.end()) fail("field \"steering\" is missing");
    if (steering != message.end()) {
        if (!steering->is_object()) fail("field \"steering\" must be an object, found " + dumped(*steering));
        request.steering = *steering;
    }
    return request;
}

std::string toLine(const Request& request) {
    json message = {{"op", request.op}};
    if (request.id > 0) message["id"] = request.id;
    if (request.target > 0) message["target"] = request.target;
    if (!request.params.empty()) message["params"] = request.params;
    if (!request.steering.is_null()) message["steering"] = request.steering;
    return dumped(message);
}

std::string progressLine(std::int64_t id, const Progress& progress) {
    return eventLine(id, "progress",
                     {{"phase", progress.phase},
                      {"done", progress.done},
                      {"total", progress.total},
                      {"unit", progress.unit},
                      {"left_low_s", progress.left_low_s},
                      {"left_high_s", progress.left_high_s},
                      {"note", progress.note}});
}

std::string errorLine(std::int64_t id, const Error& error) {
    return eventLine(
        id, "error",
        {{"code", static_cast<int>(error.code)}, {"where", error.where}, {"what", error.what}, {"hint", error.hint}});
}

std::string eventLine(std::int64_t id, const std::string& name, json fields) {
    if (fields.is_null()) fields = json::object();
    if (id > 0) fields["id"] = id;
    fields["event"] = name;
    return dumped(fields);
}

}  // namespace airframe::protocol

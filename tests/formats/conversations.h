// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/formats/chat_template.h"

namespace airframe::test {

/// Conversations with everything that chat templates treat specially: who begins, tools, calls and their results, thoughts,
/// content that is missing or not a text, other scripts, characters that JSON or a tag would escape.
inline std::vector<std::pair<std::string, Conversation>> conversations() {
    using json = nlohmann::ordered_json;
    const json tools = json::parse(R"json([
        {"type": "function", "function": {"name": "get_weather", "description": "the weather at a place, é \"now\"",
         "parameters": {"type": "object", "required": ["place"], "properties": {
            "place": {"type": "string", "description": "town"},
            "unit": {"type": "string", "enum": ["°C", "°F"]},
            "days": {"type": "array", "items": {"type": "integer"}},
            "at": {"type": "object", "properties": {"x": {"type": ["number", "null"]}, "deep": {"type": "object", "properties": {}}}}}},
         "strict": true}},
        {"type": "function", "function": {"name": "noop", "description": "", "parameters": {"type": "object", "properties": {}}}}])json");
    const json call = json::parse(R"json({"role": "assistant", "content": "", "tool_calls": [
        {"type": "function", "id": "abcdefghi", "function": {"name": "get_weather", "arguments": {"place": "Zürich", "days": [1, 2.5]}}}]})json");
    const json two_calls = json::parse(R"json({"role": "assistant", "content": "Two at once.", "tool_calls": [
        {"type": "function", "id": "123456789", "function": {"name": "noop", "arguments": {}}},
        {"type": "function", "id": "short", "function": {"name": "noop", "arguments": "{\"raw\": true}"}}]})json");
    const auto make = [](const char* messages, const json& with_tools = nullptr) {
        Conversation result;
        result.messages = json::parse(messages);
        result.tools = with_tools;
        return result;
    };
    std::vector<std::pair<std::string, Conversation>> all;
    const auto add = [&](std::string name, Conversation conversation) {
        all.emplace_back(std::move(name), std::move(conversation));
    };
    add("one question", make(R"([{"role": "user", "content": "Hello"}])"));
    add("system first", make(R"([{"role": "system", "content": "  Be brief.\n"}, {"role": "user", "content": " Hi \n"}])"));
    add("several turns",
        make(
            R"([{"role": "system", "content": "S"}, {"role": "user", "content": "A?"}, {"role": "assistant", "content": " B. "},
                                  {"role": "user", "content": "C?"}])"));
    auto finished = make(R"([{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}])");
    finished.add_generation_prompt = false;
    add("no generation prompt", finished);
    add("two users in a row", make(R"([{"role": "user", "content": "A"}, {"role": "user", "content": "B"}])"));
    add("unknown role", make(R"([{"role": "narrator", "content": "Once"}])"));
    add("nothing", make("[]"));
    add("other scripts",
        make(
            R"([{"role": "user", "content": "Grüße, мир, 你好 🌍‍ \u0000\u001f \"quoted\" 'single' {{ no }} {% no %} <b>&amp;</b>\r\n\ttab"}])"));
    add("content of parts",
        make(R"([{"role": "user", "content": [{"type": "text", "text": "What is this?"}, {"type": "image"}]}])"));
    add("no content", make(R"([{"role": "user", "content": null}, {"role": "assistant"}])"));
    add("thoughts in the text",
        make(
            R"([{"role": "user", "content": "Q"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nA <why>\nx\n</why>\nB"},
                                         {"role": "user", "content": "R"}, {"role": "assistant", "content": "<why>last</why>\nC"}])"));
    add("thoughts apart",
        make(
            R"([{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A", "reasoning_content": "\nr\n", "thoughts": "t"}])"));
    auto quick = make(R"([{"role": "user", "content": "Q"}])");
    quick.variables["enable_thinking"] = false;
    quick.variables["native"] = {"get_weather", "secret", "noop"};
    quick.variables["builtin_tools"] = {"get_weather", "code_interpreter"};
    add("variables", quick);
    add("tools", make(R"([{"role": "system", "content": "S"}, {"role": "user", "content": "Weather?"}])", tools));
    add("no tools in a list", make(R"([{"role": "user", "content": "Weather?"}])", json::array()));
    auto called = make(R"([{"role": "user", "content": "Weather?"}])", tools);
    called.messages.push_back(call);
    called.messages.push_back(
        {{"role", "tool"}, {"name", "get_weather"}, {"tool_call_id", "abcdefghi"}, {"content", "{\"t\": 21}"}});
    add("call and result", called);
    auto native = called;
    native.variables["native"] = {"get_weather"};
    native.variables["builtin_tools"] = {"get_weather"};
    native.messages.push_back({{"role", "assistant"}, {"content", "21 degrees."}});
    native.messages.push_back({{"role", "user"}, {"content", "Thanks"}});
    add("native call, answer, question", native);
    auto both = make(R"([{"role": "user", "content": "Twice"}])", tools);
    both.messages.push_back(two_calls);
    both.messages.push_back({{"role", "tool"}, {"content", "one"}});
    both.messages.push_back({{"role", "tool"}, {"content", {{"two", 2}}}});
    add("two calls, two results", both);
    auto papers = make(R"([{"role": "user", "content": "Q"}])");
    papers.documents = json::parse(R"([{"title": "T", "text": "body"}])");
    add("documents", papers);
    return all;
}

}  // namespace airframe::test

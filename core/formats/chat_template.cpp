// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/chat_template.h"

#include <string_view>

#include "core/base/error.h"

namespace airframe {
namespace {

constexpr std::string_view turn_start = "<|im_start|>", turn_end = "<|im_end|>";

/// Text inside a quoted Jinja literal as it will be printed.
std::string unescape(std::string_view literal) {
    std::string out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\' || i + 1 == literal.size()) {
            out += literal[i];
            continue;
        }
        const char c = literal[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    return out;
}

/// The system message that the template itself holds: the one literal "<|im_start|>system\nTEXT<|im_end|>" (templates without
/// a default close the quote after "system" and put the message's own content there). Empty if there is none.
std::string defaultSystem(std::string_view source) {
    for (const std::string_view opening : {std::string_view("<|im_start|>system\n"), std::string_view("<|im_start|>system\\n")}) {
        const std::size_t at = source.find(opening);
        if (at == std::string_view::npos) continue;
        const std::string_view rest = source.substr(at + opening.size());
        const std::size_t end = rest.find(turn_end);
        if (end == std::string_view::npos) continue;
        const std::string_view text = rest.substr(0, end);
        // A quote that is not escaped ends the literal: what follows is an expression, not text.
        bool closed = false;
        for (std::size_t i = 0; i < text.size() && !closed; ++i) {
            if (text[i] == '\\') ++i;
            else closed = text[i] == '\'' && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '+');
        }
        if (!closed && text.find("{{") == std::string_view::npos) return unescape(text);
    }
    return {};
}

}  // namespace

std::string renderChat(const std::string& source, const std::vector<ChatMessage>& messages, const std::string& where) {
    if (source.find(turn_start) == std::string::npos || source.find(turn_end) == std::string::npos) {
        throw Failure(ErrorCode::bad_input, where + ": chat template",
                      source.empty() ? "there is none" : "is not a ChatML template", "give the prompt as plain text");
    }
    std::string text;
    const auto turn = [&](const std::string& role, const std::string& content) {
        text.append(turn_start).append(role).append("\n").append(content).append(turn_end).append("\n");
    };
    const std::string system = defaultSystem(source);
    if (!system.empty() && (messages.empty() || messages.front().role != "system")) turn("system", system);
    for (const ChatMessage& message : messages) {
        if (message.role != "system" && message.role != "user" && message.role != "assistant") {
            throw Failure(ErrorCode::bad_input, "chat message", "the role \"" + message.role + "\" is not known",
                          "use system, user or assistant");
        }
        turn(message.role, message.content);
    }
    return text.append(turn_start).append("assistant\n");
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"
#include "core/formats/chat_template.h"
#include "input_folder.h"

using namespace airframe;

namespace {

const Conversation& conversation() {
    static const Conversation made = [] {
        Conversation result = Conversation::of({{"system", "Be brief.\n"}, {"user", " H\xc3\xa9llo <think>x</think> y"}});
        result.messages.push_back(
            {{"role", "assistant"},
             {"content", nullptr},
             {"tool_calls", {{{"function", {{"name", "f"}, {"arguments", {{"a", 1}, {"b", {1.5, "x"}}}}}}}}}});
        result.tools = {{{"type", "function"}, {"function", {{"name", "f"}, {"parameters", {{"type", "object"}}}}}}};
        result.now = {};
        return result;
    }();
    return made;
}

}  // namespace

/// A chat template: what it writes is UTF-8 again and within the budget's size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::expectFailureAtMost([&] {
        const ChatTemplate chat(std::string(fuzz::textOf(data, size)), {{"bos_token", "<s>"}, {"eos_token", "</s>"}}, "template");
        const std::string text = chat.render(conversation());
        if (firstInvalidUtf8(text) != std::string::npos || text.size() > (16u << 20)) __builtin_trap();
    });
    return 0;
}

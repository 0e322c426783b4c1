// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace airframe {

struct ChatMessage {
    std::string role;  ///< "system", "user" or "assistant"
    std::string content;
};

/// The ChatML rendering of a conversation ("<|im_start|>role\ncontent<|im_end|>\n"), with the model's default system
/// message in front when the template has one and the conversation does not, ending with the opening of the assistant's
/// turn. `source` is the model's template text. Throws Failure(bad_input) if it is not a ChatML template.
[[nodiscard]] std::string renderChat(const std::string& source, const std::vector<ChatMessage>& messages,
                                     const std::string& where);

}  // namespace airframe

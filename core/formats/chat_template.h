// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/formats/jinja/template.h"

namespace airframe {

class ModelFile;

struct ChatMessage {
    std::string role;  ///< "system", "user" or "assistant"
    std::string content;
};

/// What a chat template turns into one text. The JSON has the shapes that transformers' apply_chat_template() takes; the
/// order of its keys is kept.
struct Conversation {
    [[nodiscard]] static Conversation of(const std::vector<ChatMessage>& plain);

    nlohmann::ordered_json messages = nlohmann::ordered_json::array();  ///< [{"role": ..., "content": ..., "tool_calls": ...}]
    nlohmann::ordered_json tools;      ///< functions that may be called, null = none
    nlohmann::ordered_json documents;  ///< null = none
    bool add_generation_prompt = true; ///< end with the opening of the assistant's turn
    std::map<std::string, nlohmann::ordered_json> variables;  ///< others that a template asks for, such as enable_thinking
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();  ///< for templates that write the date
};

/// What "chat_template" of tokenizer_config.json holds: a text, or several by name, of which "default" is the one for
/// conversations. Empty for anything else.
[[nodiscard]] std::string chatTemplateText(const nlohmann::json& field);

/// The chat template of a model. Immutable; any thread may render.
class ChatTemplate {
  public:
    enum class Origin {
        model,   ///< the file has one
        chatml,  ///< it has none, but its vocabulary has ChatML's two tokens
        plain,   ///< neither: the messages' texts, a blank line between them
    };

    /// The template that `file` is to be used with. Throws Failure(bad_input) naming file and line for one that is not understood.
    [[nodiscard]] static ChatTemplate of(const ModelFile& file);
    /// A template that is there as text, with what it calls bos_token and eos_token. Throws as of() does.
    ChatTemplate(const std::string& source, std::map<std::string, std::string> tokens, const std::string& where,
                 Origin origin = Origin::model);

    /// Throws Failure(bad_input) naming the line of the template: if it refuses the conversation, or does not end.
    /// The text holds every special token that the model is to see, the first one too: encode it without adding any.
    [[nodiscard]] std::string render(const Conversation& conversation) const;
    [[nodiscard]] Origin origin() const { return m_origin; }
    /// One sentence for whoever asked, empty if the model has its own template.
    [[nodiscard]] std::string note() const;

  private:
    jinja::Template m_template;
    std::map<std::string, std::string> m_tokens;
    Origin m_origin;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/chat_template.h"

#include "core/base/utf8.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"

namespace airframe {
namespace {

constexpr const char* chatml_source =
    "{% for message in messages %}{{ '<|im_start|>' ~ message.role ~ '\\n' ~ message.content ~ '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
constexpr const char* plain_source = "{{ messages | map(attribute='content') | join('\\n\\n') }}";

}  // namespace

Conversation Conversation::of(const std::vector<ChatMessage>& plain) {
    Conversation result;
    for (const ChatMessage& message : plain) {
        result.messages.push_back({{"role", toValidUtf8(message.role)}, {"content", toValidUtf8(message.content)}});
    }
    return result;
}

std::string chatTemplateText(const nlohmann::json& field) {
    if (field.is_string()) return field.get<std::string>();
    if (!field.is_array()) return {};
    for (const nlohmann::json& named : field) {
        if (!named.is_object() || !named.contains("name") || !named.contains("template")) continue;
        if (named["name"] == "default" && named["template"].is_string()) return named["template"].get<std::string>();
    }
    return {};
}

ChatTemplate ChatTemplate::of(const ModelFile& file) {
    const auto tokenizer = file.tokenizer();
    const TokenizerData& data = tokenizer->data();
    std::map<std::string, std::string> tokens;
    const auto name = [&](const char* variable, int id) {
        if (id >= 0 && static_cast<std::size_t>(id) < data.tokens.size()) tokens[variable] = data.tokens[static_cast<std::size_t>(id)];
    };
    name("bos_token", data.bos_id);
    name("eos_token", data.eos_id);
    const std::string where = file.path().string() + ": chat template";
    if (const std::string own = file.chatTemplate(); !own.empty()) return {own, std::move(tokens), where};
    if (tokenizer->id("<|im_start|>") >= 0 && tokenizer->id("<|im_end|>") >= 0) {
        return {chatml_source, std::move(tokens), where, Origin::chatml};
    }
    return {plain_source, std::move(tokens), where, Origin::plain};
}

ChatTemplate::ChatTemplate(const std::string& source, std::map<std::string, std::string> tokens, const std::string& where,
                           Origin origin)
    : m_template(source, where), m_tokens(std::move(tokens)), m_origin(origin) {}

std::string ChatTemplate::render(const Conversation& conversation) const {
    std::map<std::string, nlohmann::ordered_json> variables = conversation.variables;
    for (const auto& [variable, text] : m_tokens) variables.emplace(variable, toValidUtf8(text));
    variables["messages"] = conversation.messages;
    variables["tools"] = conversation.tools;
    variables["documents"] = conversation.documents;
    variables["add_generation_prompt"] = conversation.add_generation_prompt;
    return m_template.render(variables, conversation.now);
}

std::string ChatTemplate::note() const {
    switch (m_origin) {
        case Origin::model: return {};
        case Origin::chatml: return "the model has no chat template; ChatML is used, whose tokens it knows";
        case Origin::plain: return "the model has no chat template; the messages are given to it as plain text";
    }
    return {};
}

}  // namespace airframe

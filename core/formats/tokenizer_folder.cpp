// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tokenizer_folder.h"

#include <algorithm>

#include "core/base/text_file.h"
#include "core/formats/chat_template.h"
#include "core/formats/json_file.h"
#include "core/formats/json_source.h"
#include "core/formats/model_folder.h"
#include "core/formats/sentencepiece_model.h"
#include "core/formats/tokenizer_json.h"
#include "core/formats/vocab_merges.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A JSON file; an empty object if it is not there.
json optionalJson(const fs::path& file) { return fs::exists(file) ? readJsonFile(file) : json::object(); }

/// Id of a token named as a string or as an object with "content"; `otherwise` if none is named.
int namedToken(const JsonSource& from, const json& config, const char* field, const TokenizerData& data, int otherwise) {
    const json* value = from.find(config, field);
    if (!value) return otherwise;
    const std::string text = value->is_object() ? from.text(*value, "content") : from.text(config, field);
    const auto it = std::find(data.tokens.begin(), data.tokens.end(), text);
    if (it == data.tokens.end()) from.fail(field, "\"" + text + "\" is not in the vocabulary");
    return static_cast<int>(it - data.tokens.begin());
}

/// What older folders say about added tokens outside tokenizer.json: {"text": id}, or {"id": {"content": ...}}.
void addFromOtherFiles(const fs::path& folder, const json& config, const JsonSource& settings, int vocab, TokenizerData& data) {
    const JsonSource added{fileOfModel(folder, "added_tokens.json").string(), {}};
    const json added_ids = optionalJson(added.file);
    for (const auto& [text, id] : added_ids.items()) {
        addToken(added, "\"" + text + "\"", text, added.id(id, "\"" + text + "\"", vocab), token_type::user_defined, data);
    }
    if (settings.find(config, "added_tokens_decoder")) {
        for (const auto& [id, token] : settings.object(config, "added_tokens_decoder").items()) {
            const std::string field = "added_tokens_decoder." + id;
            if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != std::string::npos || !token.is_object()) {
                settings.fail(field, "an id with an object was wanted");
            }
            json entry = token;
            entry["id"] = static_cast<std::uint64_t>(std::stoul(id));
            addAddedToken(settings, entry, field, vocab, data);
        }
    }
    // Which of them are control tokens stands in a third file.
    const JsonSource special{fileOfModel(folder, "special_tokens_map.json").string(), {}};
    const json map = optionalJson(special.file);
    const auto mark = [&](const std::string& field, const json& value) {
        const std::string text = value.is_object() ? special.text(value, "content") : value.is_string() ? value.get<std::string>() : "";
        const auto it = std::find(data.tokens.begin(), data.tokens.end(), text);
        if (it == data.tokens.end()) special.fail(field, shown(value) + " is not in the vocabulary");
        data.types[static_cast<std::size_t>(it - data.tokens.begin())] = token_type::control;
    };
    for (const auto& [field, value] : map.items()) {
        if (!value.is_array()) mark(field, value);
        else for (const json& one : value) mark(field, one);
    }
    sortAddedTokens(settings, data);
}

}  // namespace

std::optional<TokenizerData> readTokenizerFolder(const fs::path& folder, int vocab) {
    const JsonSource settings{fileOfModel(folder, "tokenizer_config.json").string(), {}};
    TokenizerData data;
    json config;
    if (fs::exists(fileOfModel(folder, "tokenizer.json"))) {
        data = readTokenizerJson(fileOfModel(folder, "tokenizer.json"), vocab);
        config = optionalJson(settings.file);
    } else if (fs::exists(fileOfModel(folder, "vocab.json")) && fs::exists(fileOfModel(folder, "merges.txt"))) {
        config = optionalJson(settings.file);
        data = readVocabMerges(folder, config, vocab);
        addFromOtherFiles(folder, config, settings, vocab, data);
    } else if (fs::exists(fileOfModel(folder, "tokenizer.model"))) {
        data = readSentencePieceModel(fileOfModel(folder, "tokenizer.model"), vocab);
        config = optionalJson(settings.file);
        addFromOtherFiles(folder, config, settings, vocab, data);
    } else {
        return std::nullopt;
    }
    data.bos_id = namedToken(settings, config, "bos_token", data, data.bos_id);
    data.eos_id = namedToken(settings, config, "eos_token", data, data.eos_id);
    data.add_bos = settings.boolean(config, "add_bos_token", data.add_bos);
    data.add_eos = settings.boolean(config, "add_eos_token", data.add_eos);
    return data;
}

std::string readChatTemplate(const fs::path& folder) {
    if (fs::exists(fileOfModel(folder, "chat_template.jinja"))) return readTextFile(fileOfModel(folder, "chat_template.jinja"));
    const json config = optionalJson(fileOfModel(folder, "tokenizer_config.json"));
    const auto it = config.find("chat_template");
    return it != config.end() ? chatTemplateText(*it) : std::string();
}

nlohmann::ordered_json tokenizerConfigJson(const TokenizerData& data, const std::string& chat_template, int context) {
    nlohmann::ordered_json out;
    const auto name = [&](int id) -> nlohmann::ordered_json {
        return id < 0 ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(data.tokens[static_cast<std::size_t>(id)]);
    };
    out["tokenizer_class"] = "PreTrainedTokenizerFast";
    out["add_bos_token"] = data.add_bos;
    if (data.add_eos) out["add_eos_token"] = true;
    out["add_prefix_space"] = false;
    out["bos_token"] = name(data.bos_id);
    out["eos_token"] = name(data.eos_id);
    out["unk_token"] = name(data.unk_id);
    out["clean_up_tokenization_spaces"] = false;
    out["model_max_length"] = context;
    if (!chat_template.empty()) out["chat_template"] = chat_template;
    return out;
}

}  // namespace airframe

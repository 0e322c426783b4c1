// SPDX-License-Identifier: GPL-3.0-or-later
// Format: https://huggingface.co/docs/tokenizers (components and their fields).
#include "core/formats/tokenizer_json.h"

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/formats/json_file.h"

namespace airframe {
namespace {

using nlohmann::json;
constexpr int normal = 1, control = 3, user_defined = 4, unused = 5;  // GGUF's token types

struct Source {
    const std::string file;

    [[noreturn]] void fail(const std::string& field, const std::string& what) const {
        throw Failure(ErrorCode::bad_input, file + ": " + field, what, "the demo model's kind of tokenizer is read: byte-level BPE");
    }
    const json& object(const json& in, const char* field) const {
        const auto it = in.find(field);
        if (it == in.end() || !it->is_object()) fail(field, "an object was wanted");
        return *it;
    }
    std::size_t id(const json& value, const std::string& field, int vocab) const {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(vocab)) {
            fail(field, "an id below the vocabulary size " + std::to_string(vocab) + " was wanted, found " + value.dump());
        }
        return value.get<std::size_t>();
    }
};

bool isNull(const json& in, const char* field) {
    const auto it = in.find(field);
    return it == in.end() || it->is_null();
}

/// A field that does nothing when it is null, false or "".
void mustBeIdle(const Source& from, const json& in, const char* field) {
    const auto it = in.find(field);
    if (it == in.end() || it->is_null() || *it == json(false) || *it == json("")) return;
    from.fail(field, it->dump() + " is not supported");
}

bool isByteLevel(const json& in) {
    return in.value("type", "") == "ByteLevel" && !in.value("add_prefix_space", false) && in.value("use_regex", true);
}

/// Our name for the chain of pre-tokenizers.
std::string preName(const Source& from, const json& file) {
    const json& pre = from.object(file, "pre_tokenizer");
    if (isByteLevel(pre)) return "gpt-2";
    if (pre.value("type", "") == "Sequence" && pre.contains("pretokenizers") && pre["pretokenizers"].is_array()) {
        const json& chain = pre["pretokenizers"];
        if (chain.size() == 2 && chain[0].is_object() && chain[1].is_object() && chain[0].value("type", "") == "Digits" &&
            chain[0].value("individual_digits", false) && isByteLevel(chain[1])) {
            return "smollm";
        }
    }
    from.fail("pre_tokenizer", "this chain is not known: " + pre.dump().substr(0, 200));
}

void readModel(const Source& from, const json& file, int vocab, TokenizerData& data) {
    const json& model = from.object(file, "model");
    if (const std::string type = model.contains("type") ? model["type"].dump() : "none"; type != "\"BPE\"") {
        from.fail("model.type", type + " is not read, BPE is");
    }
    for (const char* field : {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"}) {
        mustBeIdle(from, model, field);
    }
    std::size_t size = 0;
    for (const auto& [token, id] : from.object(model, "vocab").items()) {
        size = std::max(size, from.id(id, "model.vocab: \"" + token + "\"", vocab) + 1);
    }
    data.tokens.resize(size);
    data.types.assign(size, unused);
    for (const auto& [token, id] : model["vocab"].items()) {
        const auto at = id.get<std::size_t>();
        if (data.types[at] != unused) from.fail("model.vocab", "id " + std::to_string(at) + " belongs to two tokens");
        data.tokens[at] = token;
        data.types[at] = normal;
    }
    if (!model.contains("merges") || !model["merges"].is_array()) from.fail("model.merges", "a list was wanted");
    for (const json& merge : model["merges"]) {
        if (merge.is_string()) {
            data.merges.push_back(merge);
        } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            data.merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
        } else {
            from.fail("model.merges", "\"left right\" or [\"left\", \"right\"] was wanted, found " + merge.dump());
        }
    }
}

void readAdded(const Source& from, const json& file, int vocab, TokenizerData& data) {
    if (isNull(file, "added_tokens")) return;
    if (!file["added_tokens"].is_array()) from.fail("added_tokens", "a list was wanted");
    for (const json& token : file["added_tokens"]) {
        if (!token.is_object() || !token.contains("content") || !token["content"].is_string() || !token.contains("id")) {
            from.fail("added_tokens", "an entry without id or content: " + token.dump());
        }
        for (const char* field : {"single_word", "lstrip", "rstrip"}) mustBeIdle(from, token, field);
        const std::string text = token["content"];
        const std::size_t id = from.id(token["id"], "added_tokens: \"" + text + "\"", vocab);
        if (id >= data.tokens.size()) {
            data.tokens.resize(id + 1);
            data.types.resize(id + 1, unused);
        }
        if (data.types[id] != unused && data.tokens[id] != text) {
            from.fail("added_tokens", "id " + std::to_string(id) + " belongs to \"" + text + "\" and \"" + data.tokens[id] + "\"");
        }
        data.tokens[id] = text;
        data.types[id] = token.value("special", false) ? control : user_defined;
    }
}

/// Id of a token named in tokenizer_config.json, as a string or as an object with "content"; -1 if none is named.
int namedToken(const Source& from, const json& config, const char* field, const TokenizerData& data) {
    if (isNull(config, field)) return -1;
    const json& value = config[field].is_object() && config[field].contains("content") ? config[field]["content"] : config[field];
    if (!value.is_string()) from.fail(field, "a token's text was wanted, found " + value.dump());
    const auto it = std::find(data.tokens.begin(), data.tokens.end(), value.get_ref<const std::string&>());
    if (it == data.tokens.end()) from.fail(field, value.dump() + " is not in the vocabulary");
    return static_cast<int>(it - data.tokens.begin());
}

}  // namespace

TokenizerData readTokenizerJson(const std::filesystem::path& folder, int vocab) {
    const Source from{(folder / "tokenizer.json").string()};
    const json file = readJsonFile(from.file);
    TokenizerData data;
    if (!isNull(file, "normalizer")) from.fail("normalizer", "a normalizer is not supported");
    if (!isNull(file, "post_processor") && file["post_processor"].value("type", "") != "ByteLevel") {
        from.fail("post_processor", "only none or ByteLevel is supported");
    }
    data.pre = preName(from, file);
    readModel(from, file, vocab, data);
    readAdded(from, file, vocab, data);
    if (std::filesystem::exists(folder / "tokenizer_config.json")) {
        const Source settings{(folder / "tokenizer_config.json").string()};
        const json config = readJsonFile(settings.file);
        data.bos_id = namedToken(settings, config, "bos_token", data);
        data.eos_id = namedToken(settings, config, "eos_token", data);
        if (!isNull(config, "add_bos_token") && !config["add_bos_token"].is_boolean()) {
            settings.fail("add_bos_token", "true or false was wanted");
        }
        data.add_bos = config.value("add_bos_token", false);
    }
    return data;
}

std::string readChatTemplate(const std::filesystem::path& folder) {
    if (std::filesystem::exists(folder / "chat_template.jinja")) return readTextFile(folder / "chat_template.jinja");
    if (!std::filesystem::exists(folder / "tokenizer_config.json")) return {};
    const json config = readJsonFile(folder / "tokenizer_config.json");
    const auto it = config.find("chat_template");
    return it != config.end() && it->is_string() ? it->get<std::string>() : std::string();
}

nlohmann::ordered_json tokenizerJson(const TokenizerData& data) {
    using ordered = nlohmann::ordered_json;
    ordered added = ordered::array();
    ordered vocab = ordered::object();
    auto& entries = vocab.get_ref<ordered::object_t&>();  // filled as a list: its own insertion looks every key up
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        if (data.types[i] != unused || !data.tokens[i].empty()) entries.emplace_back(data.tokens[i], i);
        if (data.types[i] != control && data.types[i] != user_defined) continue;
        added.push_back({{"id", i}, {"content", data.tokens[i]}, {"single_word", false}, {"lstrip", false}, {"rstrip", false},
                         {"normalized", false}, {"special", data.types[i] == control}});
    }
    const ordered byte_level{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    ordered pre = byte_level;
    if (data.pre == "smollm") {
        pre = {{"type", "Sequence"},
               {"pretokenizers", ordered::array({ordered{{"type", "Digits"}, {"individual_digits", true}}, byte_level})}};
    }
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", std::move(added)},
            {"normalizer", nullptr},
            {"pre_tokenizer", std::move(pre)},
            {"post_processor", nullptr},
            {"decoder", {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", true}, {"use_regex", true}}},
            {"model",
             {{"type", "BPE"},
              {"dropout", nullptr},
              {"unk_token", nullptr},
              {"continuing_subword_prefix", nullptr},
              {"end_of_word_suffix", nullptr},
              {"fuse_unk", false},
              {"byte_fallback", false},
              {"ignore_merges", false},
              {"vocab", std::move(vocab)},
              {"merges", data.merges}}}};
}

nlohmann::ordered_json tokenizerConfigJson(const TokenizerData& data, const std::string& chat_template, int context) {
    nlohmann::ordered_json out;
    out["tokenizer_class"] = "PreTrainedTokenizerFast";
    out["add_bos_token"] = data.add_bos;
    out["add_prefix_space"] = false;
    const auto name = [&](int id) -> nlohmann::ordered_json {
        return id < 0 ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(data.tokens[static_cast<std::size_t>(id)]);
    };
    out["bos_token"] = name(data.bos_id);
    out["eos_token"] = name(data.eos_id);
    out["unk_token"] = nullptr;
    out["clean_up_tokenization_spaces"] = false;
    out["model_max_length"] = context;
    if (!chat_template.empty()) out["chat_template"] = chat_template;
    return out;
}

}  // namespace airframe

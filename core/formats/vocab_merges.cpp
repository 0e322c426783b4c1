// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/vocab_merges.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/text_file.h"
#include "core/formats/json_file.h"
#include "core/formats/json_source.h"
#include "core/formats/model_folder.h"
#include "core/formats/pre_tokenizer_table.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

namespace fs = std::filesystem;

struct Family {
    const char *tokenizer_class, *model_type, *pre;
};
constexpr std::array<Family, 6> families{{{"GPT2Tokenizer", "gpt2", "gpt-2"},
                                          {"GPT2TokenizerFast", "gpt2", "gpt-2"},
                                          {"Qwen2Tokenizer", "qwen2", "qwen2"},
                                          {"Qwen2TokenizerFast", "qwen2", "qwen2"},
                                          {"Qwen2Tokenizer", "qwen3", "qwen2"},
                                          {"Qwen2Tokenizer", "jet_nemotron", "qwen2"}}};

const KnownPreTokenizer& preTokenizerOf(const fs::path& folder, const nlohmann::json& config) {
    const JsonSource settings{fileOfModel(folder, "tokenizer_config.json").string(),
                              "save the tokenizer once with a current transformers, which writes tokenizer.json"};
    if (settings.find(config, "tokenizer_class")) {
        const std::string name = settings.text(config, "tokenizer_class");
        for (const Family& family : families) {
            if (name == family.tokenizer_class) return knownPreTokenizer(family.pre, settings.file);
        }
        settings.fail("tokenizer_class", "vocab.json and merges.txt of a \"" + name + "\" are not read");
    }
    const JsonSource model{fileOfModel(folder, "config.json").string(), settings.hint};
    if (fs::exists(model.file)) {
        const nlohmann::json model_config = readJsonFile(model.file);
        const std::string name = model.find(model_config, "model_type") ? model.text(model_config, "model_type") : "";
        for (const Family& family : families) {
            if (name == family.model_type) return knownPreTokenizer(family.pre, model.file);
        }
    }
    settings.fail("tokenizer_class", "is missing: vocab.json and merges.txt do not say how text is cut");
}

}  // namespace

TokenizerData readVocabMerges(const fs::path& folder, const nlohmann::json& config, int vocab) {
    const KnownPreTokenizer& pre = preTokenizerOf(folder, config);
    TokenizerData data;
    data.pre = pre.name;
    data.normalizer = pre.normalizer;
    const JsonSource from{fileOfModel(folder, "vocab.json").string(), {}};
    addVocabulary(from, std::move(*readVocabularyDocument(from.file, VocabularyPlace::whole_file).vocabulary), "vocabulary", vocab, data);
    const JsonSource merges{fileOfModel(folder, "merges.txt").string(), {}};
    const std::string text = readTextFile(merges.file);
    for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view merge(text.data() + at, end - at);
        if (merge.ends_with('\r')) merge.remove_suffix(1);
        if (!merge.empty() && !(line == 1 && merge.starts_with("#version"))) data.merges.emplace_back(merge);
        at = end + 1;
    }
    return data;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_config.h"

#include <map>

#include "core/formats/hf_architectures.h"
#include "core/formats/json_file.h"
#include "core/formats/model_layout.h"

namespace airframe {
namespace {

/// THE table of architectures: model_type -> reader.
const std::map<std::string, void (*)(const Fields&, ModelConfig&)>& architectures() {
    static const std::map<std::string, void (*)(const Fields&, ModelConfig&)> rows{
        {"llama", readLlamaConfig},   {"mistral", readMistralConfig},
        {"qwen2", readQwen2Config},   {"qwen3", readQwen3Config},
        {"gemma3", readGemma3Config}, {"gemma3_text", readGemma3Config},
        {"airframe", readAirframeConfig}, {"jet_nemotron", readJetNemotronConfig},
    };
    return rows;
}

}  // namespace

ModelConfig readHfConfig(const std::filesystem::path& file) {
    const nlohmann::json object = readJsonFile(file);
    const Fields in{object, file.string()};
    ModelConfig c;
    c.architecture = in.text("model_type");
    const auto row = architectures().find(c.architecture);
    if (row == architectures().end()) {
        std::string known;
        for (const auto& [type, read] : architectures()) known += (known.empty() ? "" : ", ") + type;
        in.fail("model_type", "\"" + c.architecture + "\" is not known", "models of these types are read: " + known);
    }
    row->second(in, c);
    checkConfig(c, file.string());
    return c;
}

}  // namespace airframe

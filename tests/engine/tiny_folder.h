// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/formats/safetensors_writer.h"
#include "core/formats/tokenizer_folder.h"
#include "core/formats/tokenizer_json.h"
#include "support/tiny_model.h"

namespace airframe::test {

/// Writes a small random Llama as a Hugging Face folder that the engine opens: seconds become milliseconds.
inline void writeTinyFolder(const std::filesystem::path& folder, int layers = 4) {
    const auto model = tinyModel(layers, 32, 4, 2, 259, 1);
    const ModelConfig& c = model->config();
    std::vector<float> values;
    std::vector<SafetensorsSource> sources;
    for (const TensorInfo& tensor : model->tensors()) {
        sources.push_back({tensor.name, "F32", tensor.shape, [&values, &model, tensor]() -> std::span<const std::byte> {
                               values.resize(static_cast<std::size_t>(tensor.elements()));
                               model->readFloat(tensor.name, values.data());
                               return std::as_bytes(std::span(values));
                           }});
    }
    std::filesystem::create_directories(folder);
    writeSafetensors(folder / "model.safetensors", sources);
    const auto write = [&](const char* name, const auto& json) { std::ofstream(folder / name) << json.dump(1); };
    write("config.json", nlohmann::json{{"model_type", "llama"},
                                        {"architectures", {"LlamaForCausalLM"}},
                                        {"hidden_act", "silu"},
                                        {"hidden_size", c.hidden},
                                        {"intermediate_size", c.intermediate},
                                        {"num_hidden_layers", c.layers},
                                        {"num_attention_heads", c.heads},
                                        {"num_key_value_heads", c.kv_heads},
                                        {"vocab_size", c.vocab},
                                        {"tie_word_embeddings", true},
                                        {"rms_norm_eps", c.rms_eps},
                                        {"rope_theta", c.rope_theta},
                                        {"max_position_embeddings", c.context},
                                        {"eos_token_id", c.eos_id}});
    const TokenizerData& tokenizer = model->tokenizer()->data();
    write("tokenizer.json", tokenizerJson(tokenizer));
    write("tokenizer_config.json", tokenizerConfigJson(tokenizer, "", c.context));
}

/// English-like text of about `bytes` bytes, the same for the same seed.
inline void writeTinyText(const std::filesystem::path& file, std::size_t bytes, unsigned seed = 7) {
    static const std::vector<std::string> words = {"the",  "river", "carries", "small", "stones",  "down", "from", "hills",
                                                   "and",  "every", "spring",  "water", "returns", "to",   "fill", "wells",
                                                   "that", "stood", "empty",   "all",   "winter",  "long", "near", "town"};
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < bytes) {
        text += words[random() % words.size()];
        text += random() % 9 == 0 ? ".\n" : " ";
    }
    std::ofstream(file, std::ios::binary) << text;
}

}  // namespace airframe::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/byte_alphabet.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"

namespace airframe::test {

/// A model file that lies in memory: random weights from a seed, a tokenizer of single bytes and three special tokens.
/// Change `configuration()` and add or replace tensors before handing it on.
class TinyModel final : public ModelFile {
  public:
    /// Specials: 256 "<|endoftext|>" (the end), 257 "<|im_start|>", 258 "<|im_end|>"; ids above are unused entries.
    TinyModel(int layers, int hidden, int heads, int kv_heads, int vocab, std::uint64_t seed) : m_path("tiny.gguf") {
        m_config.architecture = "llama";
        m_config.layers = layers;
        m_config.hidden = hidden;
        m_config.intermediate = 2 * hidden;
        m_config.heads = heads;
        m_config.kv_heads = kv_heads;
        m_config.head_dim = hidden / heads;
        m_config.vocab = vocab;
        m_config.tied = true;
        m_config.context = 512;
        m_config.eos_id = 256;
        m_config.layer.resize(static_cast<std::size_t>(layers));
        std::mt19937_64 random(seed);
        const auto matrix = [&](const std::string& name, std::int64_t rows, std::int64_t columns, double deviation) {
            std::normal_distribution<float> normal(0, static_cast<float>(deviation));
            std::vector<float> values(static_cast<std::size_t>(rows * columns));
            for (float& value : values) value = normal(random);
            set(name, {rows, columns}, std::move(values));
        };
        const auto norm = [&](const std::string& name) {
            std::uniform_real_distribution<float> near_one(0.7f, 1.3f);
            std::vector<float> values(static_cast<std::size_t>(hidden));
            for (float& value : values) value = near_one(random);
            set(name, {hidden}, std::move(values));
        };
        const int kv = kv_heads * m_config.head_dim, f = m_config.intermediate;
        const double spread = 1.5 / std::sqrt(hidden);
        matrix("model.embed_tokens.weight", vocab, hidden, 0.5);
        for (int i = 0; i < layers; ++i) {
            const std::string prefix = "model.layers." + std::to_string(i) + ".";
            norm(prefix + "input_layernorm.weight");
            matrix(prefix + "self_attn.q_proj.weight", hidden, hidden, spread);
            matrix(prefix + "self_attn.k_proj.weight", kv, hidden, spread);
            matrix(prefix + "self_attn.v_proj.weight", kv, hidden, spread);
            matrix(prefix + "self_attn.o_proj.weight", hidden, hidden, spread);
            norm(prefix + "post_attention_layernorm.weight");
            matrix(prefix + "mlp.gate_proj.weight", f, hidden, spread);
            matrix(prefix + "mlp.up_proj.weight", f, hidden, spread);
            matrix(prefix + "mlp.down_proj.weight", hidden, f, spread);
        }
        norm("model.norm.weight");

        TokenizerData data;
        data.pre = "smollm";
        for (const std::string& character : byteCharacters()) data.tokens.push_back(character);
        data.types.assign(256, 1);
        for (const char* special : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
            data.tokens.emplace_back(special);
            data.types.push_back(3);
        }
        for (int id = 259; id < vocab; ++id) {
            data.tokens.push_back("<unused" + std::to_string(id) + ">");
            data.types.push_back(3);
        }
        data.eos_id = 256;
        m_tokenizer = std::make_shared<const Tokenizer>(std::move(data), "tiny model");
    }

    [[nodiscard]] ModelConfig& configuration() { return m_config; }
    /// Adds or replaces a float32 tensor.
    void set(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values) {
        TensorInfo info{name, "F32", std::move(shape), values.size() * sizeof(float)};
        if (const auto known = m_values.find(name); known != m_values.end()) remove(name);
        m_tensors.push_back(std::move(info));
        m_values[name] = std::move(values);
    }
    void remove(const std::string& name) {
        std::erase_if(m_tensors, [&](const TensorInfo& info) { return info.name == name; });
        m_values.erase(name);
    }

    [[nodiscard]] std::string format() const override { return "gguf"; }
    [[nodiscard]] const std::filesystem::path& path() const override { return m_path; }
    [[nodiscard]] const ModelConfig& config() const override { return m_config; }
    [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    [[nodiscard]] std::uint64_t bytes() const override {
        std::uint64_t sum = 0;
        for (const TensorInfo& info : m_tensors) sum += info.bytes;
        return sum;
    }
    [[nodiscard]] std::string hash() const override {
        std::string all;
        for (const auto& [name, values] : m_values) {
            all += name;
            all.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
        }
        return sha256(std::string_view(all));
    }
    void readFloat(std::string_view name, float* out) const override {
        const auto& values = stored(name);
        std::memcpy(out, values.data(), values.size() * sizeof(float));
    }
    void readStored(std::string_view name, std::byte* out) const override {
        const auto& values = stored(name);
        std::memcpy(out, values.data(), values.size() * sizeof(float));
    }
    [[nodiscard]] std::shared_ptr<const Tokenizer> tokenizer() const override { return m_tokenizer; }
    [[nodiscard]] std::string chatTemplate() const override { return {}; }

  private:
    const std::vector<float>& stored(std::string_view name) const {
        const auto found = m_values.find(std::string(name));
        if (found == m_values.end())
            throw Failure(ErrorCode::bad_input, m_path.string() + ", tensor " + std::string(name), "no such tensor");
        return found->second;
    }
    std::filesystem::path m_path;
    ModelConfig m_config;
    std::vector<TensorInfo> m_tensors;
    std::map<std::string, std::vector<float>> m_values;
    std::shared_ptr<const Tokenizer> m_tokenizer;
};

/// A small random Llama-shaped model; the same seed gives the same weights.
inline std::shared_ptr<TinyModel> tinyModel(int layers = 4, int hidden = 32, int heads = 4, int kv_heads = 2,
                                            int vocab = 259, std::uint64_t seed = 1) {
    return std::make_shared<TinyModel>(layers, hidden, heads, kv_heads, vocab, seed);
}

}  // namespace airframe::test

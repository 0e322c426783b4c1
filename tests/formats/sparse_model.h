// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/formats/byte_alphabet.h"
#include "core/formats/model_layout.h"

namespace airframe::test {

/// A llama of some billion parameters; only its header will ever be written.
inline ModelConfig largeLlama() {
    ModelConfig c;
    c.architecture = "llama";
    c.layers = 40;
    c.hidden = 4096;
    c.intermediate = 14336;
    c.heads = 32;
    c.kv_heads = 8;
    c.head_dim = 128;
    c.vocab = 128256;
    c.context = 8192;
    c.layer.resize(40);
    return c;
}

/// A folder with config.json and a model.safetensors in bf16 whose weights are a hole in the file. Returns its bytes.
inline std::uint64_t writeSparseFolder(const std::filesystem::path& folder, const ModelConfig& c) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json") << nlohmann::json{
        {"architectures", {"LlamaForCausalLM"}}, {"model_type", "llama"}, {"hidden_act", "silu"}, {"num_hidden_layers", c.layers},
        {"hidden_size", c.hidden}, {"intermediate_size", c.intermediate}, {"num_attention_heads", c.heads},
        {"num_key_value_heads", c.kv_heads}, {"vocab_size", c.vocab}, {"max_position_embeddings", c.context},
        {"rms_norm_eps", 1e-5}, {"rope_theta", 500000.0}, {"tie_word_embeddings", c.tied}}.dump();
    nlohmann::json header;
    std::uint64_t at = 0;
    for (const LayoutTensor& tensor : modelLayout(c)) {
        std::uint64_t bytes = 2;
        for (const std::int64_t size : tensor.shape) bytes *= static_cast<std::uint64_t>(size);
        header[tensor.name] = {{"dtype", "BF16"}, {"shape", tensor.shape}, {"data_offsets", {at, at + bytes}}};
        at += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = text.size();
    const auto file = folder / "model.safetensors";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(&length), 8) << text;
    std::filesystem::resize_file(file, 8 + length + at);
    return 8 + length + at;
}

/// Writes what a GGUF file begins with.
class GgufHeader {
  public:
    void text(const std::string& value) { number<std::uint64_t>(value.size()), m_bytes += value; }
    template <class T>
    void number(T value) { m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
    void key(const std::string& name, const std::string& value) { text(name), number<std::uint32_t>(8), text(value); }
    void key(const std::string& name, std::uint32_t value) { text(name), number<std::uint32_t>(4), number(value); }
    void key(const std::string& name, float value) { text(name), number<std::uint32_t>(6), number(value); }
    void key(const std::string& name, const std::vector<std::string>& values) {
        text(name), number<std::uint32_t>(9), number<std::uint32_t>(8), number<std::uint64_t>(values.size());
        for (const std::string& value : values) text(value);
    }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

  private:
    std::string m_bytes;
};

/// Byte-level tokens and `size` - 256 merges, each of two tokens that exist.
inline std::pair<std::vector<std::string>, std::vector<std::string>> largeVocabulary(std::size_t size) {
    std::vector<std::string> tokens, merges;
    for (const std::string& character : byteCharacters()) tokens.push_back(character);
    for (std::uint64_t i = 0; tokens.size() < size; ++i) {
        // Pairs of the first 512 tokens in a fixed order without repeats; their products are all different.
        const std::string a = tokens[i % 256], b = tokens[i / 256];
        tokens.push_back(a + b);
        merges.push_back(a + " " + b);
    }
    return {tokens, merges};
}

/// A GGUF of that shape in Q8_0 (vectors F32) whose weights are a hole in the file. Returns its bytes.
inline std::uint64_t writeSparseGguf(const std::filesystem::path& file, const ModelConfig& c) {
    const auto [tokens, merges] = largeVocabulary(static_cast<std::size_t>(c.vocab));
    const std::vector<LayoutTensor> layout = modelLayout(c);
    const auto u32 = [](int value) { return static_cast<std::uint32_t>(value); };
    GgufHeader out;
    out.number<std::uint32_t>(0x46554747), out.number<std::uint32_t>(3);
    out.number<std::uint64_t>(layout.size()), out.number<std::uint64_t>(12);
    out.key("general.architecture", "llama");
    out.key("llama.block_count", u32(c.layers));
    out.key("llama.context_length", u32(c.context));
    out.key("llama.embedding_length", u32(c.hidden));
    out.key("llama.feed_forward_length", u32(c.intermediate));
    out.key("llama.attention.head_count", u32(c.heads));
    out.key("llama.attention.head_count_kv", u32(c.kv_heads));
    out.key("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    out.key("tokenizer.ggml.model", "gpt2");
    out.key("tokenizer.ggml.pre", "smollm");
    out.key("tokenizer.ggml.tokens", tokens);
    out.key("tokenizer.ggml.merges", merges);
    static const std::vector<std::pair<std::string, std::string>> names = {
        {"model.embed_tokens", "token_embd"}, {"model.norm", "output_norm"}, {"lm_head", "output"}, {"model.layers.", "blk."},
        {"input_layernorm", "attn_norm"}, {"post_attention_layernorm", "ffn_norm"}, {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"}, {"self_attn.v_proj", "attn_v"}, {"self_attn.o_proj", "attn_output"},
        {"mlp.gate_proj", "ffn_gate"}, {"mlp.up_proj", "ffn_up"}, {"mlp.down_proj", "ffn_down"}};
    std::uint64_t at = 0;
    for (const LayoutTensor& tensor : layout) {
        std::string name = tensor.name;
        for (const auto& [hf, gguf] : names)
            if (const std::size_t found = name.find(hf); found != std::string::npos) name.replace(found, hf.size(), gguf);
        std::uint64_t values = 1;
        out.text(name);
        out.number(static_cast<std::uint32_t>(tensor.shape.size()));
        for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) {
            out.number(static_cast<std::uint64_t>(*size));
            values *= static_cast<std::uint64_t>(*size);
        }
        const bool matrix = tensor.shape.size() == 2;
        out.number<std::uint32_t>(matrix ? 8 : 0), out.number(at);
        at += ((matrix ? values / 32 * 34 : values * 4) + 31) / 32 * 32;
    }
    std::string bytes = out.bytes();
    bytes.resize((bytes.size() + 31) / 32 * 32);
    std::ofstream(file, std::ios::binary) << bytes;
    std::filesystem::resize_file(file, bytes.size() + at);
    return bytes.size() + at;
}

}  // namespace airframe::test

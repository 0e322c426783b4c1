// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_llama.h"

#include <array>
#include <climits>
#include <utility>

#include "core/base/error.h"
#include "core/formats/model_layout.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const GgufFile& file, const std::string& key, const std::string& what, const std::string& hint = {}) {
    throw Failure(ErrorCode::bad_input, file.path().string() + ": " + key, what, hint);
}

int natural(const GgufValue& value) {
    const std::int64_t number = value.integer();
    if (number < 0 || number > INT_MAX) {
        throw Failure(ErrorCode::bad_input, value.where, "a number from 0 to 2^31-1 was wanted, found " + std::to_string(number));
    }
    return static_cast<int>(number);
}

/// A count that may differ by layer in the format; ours must be the same in all.
int sameInAllLayers(const GgufFile& file, const std::string& key, int layers) {
    const GgufValue& value = file.get(key);
    if (!value.isArray()) return natural(value);
    const std::vector<std::int64_t> all = value.integers();
    if (all.size() != static_cast<std::size_t>(layers)) {
        fail(file, key, std::to_string(all.size()) + " values for " + std::to_string(layers) + " blocks");
    }
    for (const std::int64_t one : all) {
        if (one != all.front() || one < 0 || one > INT_MAX) fail(file, key, "differs from layer to layer, which is not read yet");
    }
    return static_cast<int>(all.front());
}

int tokenId(const GgufFile& file, const std::string& key, int vocab) {
    const GgufValue* value = file.find(key);
    if (!value) return -1;
    const int id = natural(*value);
    if (id >= vocab) fail(file, key, "id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(vocab));
    return id;
}

bool flag(const GgufFile& file, const std::string& key) {
    const GgufValue* value = file.find(key);
    return value && value->boolean();
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> top_names{
    {{"token_embd.weight", "model.embed_tokens.weight"},
     {"output_norm.weight", "model.norm.weight"},
     {"output.weight", "lm_head.weight"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> layer_names{
    {{"attn_norm.weight", "input_layernorm.weight"},
     {"attn_q.weight", "self_attn.q_proj.weight"},
     {"attn_k.weight", "self_attn.k_proj.weight"},
     {"attn_v.weight", "self_attn.v_proj.weight"},
     {"attn_output.weight", "self_attn.o_proj.weight"},
     {"ffn_norm.weight", "post_attention_layernorm.weight"},
     {"ffn_gate.weight", "mlp.gate_proj.weight"},
     {"ffn_up.weight", "mlp.up_proj.weight"},
     {"ffn_down.weight", "mlp.down_proj.weight"}}};

}  // namespace

std::string ggufToHfName(std::string_view name) {
    for (const auto& [gguf, hf] : top_names) {
        if (name == gguf) return std::string(hf);
    }
    if (name.starts_with("blk.")) {
        const std::size_t dot = name.find('.', 4);
        const std::string_view number = name.substr(4, dot == std::string_view::npos ? dot : dot - 4);
        const bool digits = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
        for (const auto& [gguf, hf] : layer_names) {
            if (digits && dot != std::string_view::npos && name.substr(dot + 1) == gguf) {
                return "model.layers." + std::string(number) + "." + std::string(hf);
            }
        }
    }
    return std::string(name);
}

ModelConfig ggufLlamaConfig(const GgufFile& file) {
    ModelConfig c;
    c.architecture = file.get("general.architecture").text();
    if (c.architecture != "llama") {
        fail(file, "general.architecture", "\"" + c.architecture + "\" is not read yet", "use a model of the llama architecture");
    }
    c.layers = natural(file.get("llama.block_count"));
    if (static_cast<std::size_t>(c.layers) > file.tensors().size()) {
        fail(file, "llama.block_count", std::to_string(c.layers) + " blocks, but only " +
                                            std::to_string(file.tensors().size()) + " tensors are stored");
    }
    c.context = natural(file.get("llama.context_length"));
    c.hidden = natural(file.get("llama.embedding_length"));
    c.intermediate = sameInAllLayers(file, "llama.feed_forward_length", c.layers);
    c.heads = sameInAllLayers(file, "llama.attention.head_count", c.layers);
    if (c.heads < 1) fail(file, "llama.attention.head_count", "is 0");
    c.kv_heads = file.find("llama.attention.head_count_kv")
                     ? sameInAllLayers(file, "llama.attention.head_count_kv", c.layers)
                     : c.heads;
    if (const GgufValue* length = file.find("llama.attention.key_length")) {
        c.head_dim = natural(*length);
    } else {
        if (c.hidden % c.heads != 0) {
            fail(file, "llama.attention.head_count", std::to_string(c.heads) + " does not divide the embedding length " +
                                                         std::to_string(c.hidden));
        }
        c.head_dim = c.hidden / c.heads;
    }
    for (const char* key : {"llama.attention.value_length", "llama.rope.dimension_count"}) {
        const GgufValue* value = file.find(key);
        if (value && natural(*value) != c.head_dim) {
            fail(file, key, std::to_string(natural(*value)) + " differs from the head dimension " + std::to_string(c.head_dim) +
                                ", which is not read yet");
        }
    }
    if (const GgufValue* scaling = file.find("llama.rope.scaling.type"); scaling && scaling->text() != "none") {
        fail(file, "llama.rope.scaling.type", "\"" + scaling->text() + "\" is not read yet", "use a model without rotary scaling");
    }
    if (const GgufValue* base = file.find("llama.rope.freq_base")) c.rope_theta = base->number();
    c.rms_eps = file.get("llama.attention.layer_norm_rms_epsilon").number();
    c.vocab = static_cast<int>(std::min<std::size_t>(file.get("tokenizer.ggml.tokens").texts().size(), INT_MAX));
    if (const GgufValue* vocab = file.find("llama.vocab_size"); vocab && natural(*vocab) != c.vocab) {
        fail(file, "llama.vocab_size", std::to_string(natural(*vocab)) + " differs from the " + std::to_string(c.vocab) +
                                           " tokens of tokenizer.ggml.tokens");
    }
    c.tied = true;
    for (const GgufTensor& tensor : file.tensors()) c.tied = c.tied && tensor.name != "output.weight";
    c.bos_id = tokenId(file, "tokenizer.ggml.bos_token_id", c.vocab);
    c.eos_id = tokenId(file, "tokenizer.ggml.eos_token_id", c.vocab);
    c.add_bos = flag(file, "tokenizer.ggml.add_bos_token");
    c.layer.resize(static_cast<std::size_t>(c.layers));
    checkConfig(c, file.path().string());
    return c;
}

TokenizerData ggufTokenizer(const GgufFile& file) {
    if (const std::string model = file.get("tokenizer.ggml.model").text(); model != "gpt2") {
        fail(file, "tokenizer.ggml.model", "\"" + model + "\" is not read yet", "byte-level BPE (\"gpt2\") is");
    }
    TokenizerData data;
    data.pre = file.get("tokenizer.ggml.pre").text();
    const auto& tokens = file.get("tokenizer.ggml.tokens").texts();
    data.tokens.assign(tokens.begin(), tokens.end());
    const auto& merges = file.get("tokenizer.ggml.merges").texts();
    data.merges.assign(merges.begin(), merges.end());
    data.types.assign(data.tokens.size(), 1);
    if (const GgufValue* types = file.find("tokenizer.ggml.token_type")) {
        const std::vector<std::int64_t> all = types->integers();
        data.types.clear();
        for (const std::int64_t type : all) data.types.push_back(type < 1 || type > 6 ? 0 : static_cast<int>(type));
    }
    const int vocab = static_cast<int>(data.tokens.size());
    data.bos_id = tokenId(file, "tokenizer.ggml.bos_token_id", vocab);
    data.eos_id = tokenId(file, "tokenizer.ggml.eos_token_id", vocab);
    data.add_bos = flag(file, "tokenizer.ggml.add_bos_token");
    return data;
}

}  // namespace airframe

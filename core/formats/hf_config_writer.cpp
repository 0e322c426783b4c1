// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_config_writer.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/error.h"

namespace airframe {
namespace {

using nlohmann::ordered_json;

/// The JetBlock's sizes in the words of the released files.
struct ReleasedJet {
    double expand_v = 0;
    int reduction = 0;
};

/// Readers multiply and cut off: k * expand_v must give V, heads * k * expand_v heads * V, and that over reduction R.
std::optional<ReleasedJet> releasedJet(const std::map<std::string, int>& dims) {
    const int heads = dims.at("heads"), k = dims.at("k"), v = dims.at("v"), generator = dims.at("generator");
    const double exact = static_cast<double>(v) / k, up = std::ceil(exact * 1e10) / 1e10;  // 2.6666666667, as released
    for (const double expand : {exact, up}) {
        const int values = heads * v, reduction = values / generator;
        if (static_cast<int>(k * expand) != v || static_cast<int>(heads * k * expand) != values) continue;
        if (reduction < 1 || values / reduction != generator) continue;
        return ReleasedJet{expand, reduction};
    }
    return std::nullopt;
}

bool has(const ModelConfig& c, const char* block) {
    return std::any_of(c.layer.begin(), c.layer.end(), [&](const LayerConfig& layer) { return layer.block == block; });
}

ordered_json ropeScaling(const ModelConfig& c) {
    using Kind = RopeScaling::Kind;
    const RopeScaling& s = c.rope_scaling;
    ordered_json out;
    const auto original = [&] {
        if (s.original_context > 0) out["original_max_position_embeddings"] = s.original_context;
    };
    const auto attention = [&] {
        if (s.attention_factor > 0) out["attention_factor"] = s.attention_factor;
    };
    if (!s.frequency_factors.empty()) {
        // One divisor per frequency is what longrope's two lists are, when they are the same and nothing else is scaled.
        if (s.kind != Kind::none && s.kind != Kind::linear) {
            throw Failure(ErrorCode::bad_input, "rotary positions", "frequency factors together with another scaling cannot be written");
        }
        std::vector<double> factors = s.frequency_factors;
        for (double& factor : factors) factor *= s.kind == Kind::linear ? s.factor : 1.0;
        return {{"rope_type", "longrope"}, {"factor", 1.0}, {"short_factor", factors}, {"long_factor", factors},
                {"original_max_position_embeddings", c.context}, {"attention_factor", 1.0}};
    }
    switch (s.kind) {
        case Kind::none: return nullptr;
        case Kind::linear: return {{"rope_type", "linear"}, {"factor", s.factor}};
        case Kind::dynamic:
            out = {{"rope_type", "dynamic"}, {"factor", s.factor}};
            original();
            return out;
        case Kind::llama3:
            out = {{"rope_type", "llama3"}, {"factor", s.factor}, {"low_freq_factor", s.low_freq_factor},
                   {"high_freq_factor", s.high_freq_factor}};
            original();
            return out;
        case Kind::yarn:
            out = {{"rope_type", "yarn"}, {"factor", s.factor}, {"beta_fast", s.beta_fast}, {"beta_slow", s.beta_slow},
                   {"truncate", s.truncate}};
            original();
            attention();
            if (s.mscale > 0) out["mscale"] = s.mscale;
            if (s.mscale_all_dim > 0) out["mscale_all_dim"] = s.mscale_all_dim;
            return out;
        case Kind::longrope:
            out = {{"rope_type", "longrope"}, {"factor", s.factor}, {"short_factor", s.short_factor}, {"long_factor", s.long_factor}};
            original();
            attention();
            return out;
    }
    throw Failure(ErrorCode::internal, "rotary positions", "an unknown kind of scaling");
}

/// Fields that both forms have; `kind` is "Airframe" or "JetNemotron".
ordered_json common(const ModelConfig& c, const std::string& kind, const std::string& torch_dtype) {
    ordered_json out;
    out["architectures"] = {kind + "ForCausalLM"};
    // The modelling code that lies beside config.json in our exports.
    out["auto_map"] = {{"AutoConfig", "configuration_airframe." + kind + "Config"},
                       {"AutoModelForCausalLM", "modeling_airframe." + kind + "ForCausalLM"}};
    out["model_type"] = c.architecture == "jet_nemotron" ? "jet_nemotron" : "airframe";
    out["hidden_act"] = c.activation == Activation::silu ? "silu" : "gelu_pytorch_tanh";
    out["hidden_size"] = c.hidden;
    out["intermediate_size"] = c.intermediate;
    out["num_hidden_layers"] = c.layers;
    out["num_attention_heads"] = c.heads;
    out["num_key_value_heads"] = c.kv_heads;
    out["vocab_size"] = c.vocab;
    out["max_position_embeddings"] = c.context;
    out["rms_norm_eps"] = c.rms_eps;
    out["rope_theta"] = c.rope_theta;
    out["rope_scaling"] = ropeScaling(c);
    out["tie_word_embeddings"] = c.tied;
    if (c.bos_id >= 0) out["bos_token_id"] = c.bos_id;
    if (c.eos_id >= 0) out["eos_token_id"] = c.eos_id;
    out["torch_dtype"] = torch_dtype;
    out["layer_types"] = ordered_json::array();
    for (const LayerConfig& layer : c.layer) out["layer_types"].push_back(layer.block);
    return out;
}

ordered_json jetNemotron(const ModelConfig& c, const std::string& torch_dtype) {
    if (!isJetNemotron(c)) throw Failure(ErrorCode::internal, "config.json", "this model is not of the released Jet-Nemotron form");
    ordered_json out = common(c, "JetNemotron", torch_dtype);
    out["attention_dropout"] = 0.0;
    out["initializer_range"] = 0.02;
    out["max_window_layers"] = c.layers;
    out["use_mrope"] = false;
    out["use_cache"] = true;
    ordered_json& blocks = out["efficient_attention_config"] = ordered_json::object();
    if (has(c, "swa")) blocks["swa"] = {{"window_size", c.block_dims.at("swa").at("window")}};
    if (has(c, "jet")) {
        const auto& dims = c.block_dims.at("jet");
        const ReleasedJet released = *releasedJet(dims);
        blocks["jet"] = {{"mode", "chunk"}, {"num_heads", dims.at("heads")}, {"head_dim", dims.at("k")},
                         {"expand_v", released.expand_v}, {"conv_size", 4}, {"norm_eps", c.jet_norm_eps},
                         {"dconv_generator_reduction", released.reduction}, {"dconv_implementation", "triton"}};
    }
    return out;
}

}  // namespace

bool isJetNemotron(const ModelConfig& c) {
    const bool qwen2 = c.qkv_bias && !c.o_bias && !c.mlp_bias && !c.qk_norm && !c.post_norms && !c.norm_plus_one &&
                       c.activation == Activation::silu && c.embedding_scale == 1.0 && c.query_scale == 0.0 &&
                       c.head_dim * c.heads == c.hidden && c.rope_scaling.kind == RopeScaling::Kind::none &&
                       c.rope_scaling.frequency_factors.empty();
    const bool plain_layers = std::all_of(c.layer.begin(), c.layer.end(), [](const LayerConfig& layer) {
        return (layer.block == "attn" || layer.block == "swa" || layer.block == "jet") && layer.window == 0 && !layer.local_rope;
    });
    return qwen2 && plain_layers && (!has(c, "jet") || releasedJet(c.block_dims.at("jet")));
}

ordered_json hfConfigJson(const ModelConfig& c, const std::string& torch_dtype) {
    if (c.architecture == "jet_nemotron") return jetNemotron(c, torch_dtype);
    ordered_json out = common(c, "Airframe", torch_dtype);
    out["head_dim"] = c.head_dim;
    out["qkv_bias"] = c.qkv_bias;
    out["o_bias"] = c.o_bias;
    out["mlp_bias"] = c.mlp_bias;
    out["qk_norm"] = c.qk_norm;
    out["post_norms"] = c.post_norms;
    out["norm_plus_one"] = c.norm_plus_one;
    out["embedding_scale"] = c.embedding_scale;
    out["query_scale"] = c.query_scale;
    std::vector<int> windows, local;
    for (std::size_t i = 0; i < c.layer.size(); ++i) {
        windows.push_back(c.layer[i].window);
        if (c.layer[i].local_rope) local.push_back(static_cast<int>(i));
    }
    if (std::any_of(windows.begin(), windows.end(), [](int window) { return window > 0; })) out["layer_windows"] = windows;
    if (!local.empty()) {
        out["local_rope_layers"] = local;
        out["rope_local_base_freq"] = c.rope_local_theta;
    }
    out["block_dims"] = c.block_dims;
    out["jet_norm_eps"] = c.jet_norm_eps;
    return out;
}

}  // namespace airframe

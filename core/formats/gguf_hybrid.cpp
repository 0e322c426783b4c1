// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_hybrid.h"

#include <string>

namespace airframe {
namespace {

struct ActivationName {
    Activation activation;
    const char* name;
};
constexpr ActivationName activations[] = {{Activation::silu, "silu"}, {Activation::gelu_tanh, "gelu_tanh"}};

const char* nameOf(Activation activation) {
    for (const ActivationName& row : activations) {
        if (row.activation == activation) return row.name;
    }
    return "";
}

Activation activationOf(GgufFields& in) {
    const std::string name = in.text("feed_forward_activation", "silu");
    for (const ActivationName& row : activations) {
        if (name == row.name) return row.activation;
    }
    in.fail("feed_forward_activation", "\"" + name + "\" is not known");
}

/// Block ids and dimensions are plain words.
bool isWord(std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

void readBlocks(GgufFields& in, ModelConfig& c) {
    const auto& types = in.get("layer_types").texts();
    if (types.size() != c.layer.size()) {
        in.fail("layer_types", std::to_string(types.size()) + " entries for " + std::to_string(c.layers) + " blocks");
    }
    for (std::size_t i = 0; i < types.size(); ++i) c.layer[i].block = std::string(types[i]);
    for (const std::string& name : in.below("block.")) {
        const std::size_t dot = name.find('.');
        const std::string id = name.substr(0, dot), dim = dot == std::string::npos ? "" : name.substr(dot + 1);
        if (!isWord(id) || !isWord(dim)) in.fail("block." + name, "a name like block.jet.heads was wanted");
        c.block_dims[id][dim] = in.natural("block." + name);
    }
}

}  // namespace

void readGgufHybrid(GgufFields& in, ModelConfig& c) {
    readBlocks(in, c);
    if (const GgufValue* local = in.find("rope.local")) {
        const std::vector<bool> all = local->booleans();
        if (all.size() != c.layer.size()) in.fail("rope.local", std::to_string(all.size()) + " values for " + std::to_string(c.layers) + " blocks");
        for (std::size_t i = 0; i < all.size(); ++i) c.layer[i].local_rope = all[i];
    }
    c.qkv_bias = in.flag("attention.qkv_bias", false);
    c.o_bias = in.flag("attention.output_bias", false);
    c.mlp_bias = in.flag("feed_forward_bias", false);
    c.qk_norm = in.flag("attention.qk_norm", false);
    c.post_norms = in.flag("post_norms", false);
    c.norm_plus_one = in.flag("norm_plus_one", false);
    c.activation = activationOf(in);
    c.embedding_scale = in.number("embedding_scale", 1.0);
    c.query_scale = in.number("attention.scale", 0.0);
    c.jet_norm_eps = in.number("block_norm_epsilon.jet", c.jet_norm_eps);
}

void writeGgufHybrid(GgufKeys& out, const ModelConfig& c) {
    const std::string prefix = "airframe.";
    std::vector<std::string> types;
    std::vector<bool> local;
    std::vector<int> windows;
    for (const LayerConfig& layer : c.layer) {
        types.push_back(layer.block);
        local.push_back(layer.local_rope);
        windows.push_back(layer.window);
    }
    out.addTexts(prefix + "layer_types", types);
    out.addI32s(prefix + "attention.sliding_window", windows);
    out.addBools(prefix + "rope.local", local);
    for (const auto& [id, dims] : c.block_dims) {
        for (const auto& [dim, value] : dims) out.addU32(prefix + "block." + id + "." + dim, static_cast<std::uint32_t>(value));
    }
    out.addF64(prefix + "block_norm_epsilon.jet", c.jet_norm_eps);
    out.addBool(prefix + "attention.qkv_bias", c.qkv_bias);
    out.addBool(prefix + "attention.output_bias", c.o_bias);
    out.addBool(prefix + "feed_forward_bias", c.mlp_bias);
    out.addBool(prefix + "attention.qk_norm", c.qk_norm);
    out.addBool(prefix + "post_norms", c.post_norms);
    out.addBool(prefix + "norm_plus_one", c.norm_plus_one);
    out.addText(prefix + "feed_forward_activation", nameOf(c.activation));
    out.addF64(prefix + "embedding_scale", c.embedding_scale);
    out.addF64(prefix + "attention.scale", c.query_scale);
}

}  // namespace airframe

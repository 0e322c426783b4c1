// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_architectures.h"
#include "core/formats/hf_layer_types.h"

namespace airframe {
namespace {

void readBlocks(const Fields& in, ModelConfig& c) {
    const std::vector<std::string> types = readLayerTypes(in, c.layers);
    for (std::size_t i = 0; i < types.size(); ++i) c.layer[i].block = types[i];
    if (in.find("block_dims")) {
        const Fields dims = in.child("block_dims");
        for (const auto& [id, unused] : dims.object.items()) {
            const Fields block = dims.child(id.c_str());
            for (const auto& [dim, value] : block.object.items()) c.block_dims[id][dim] = block.integer(value, dim.c_str());
        }
    }
    c.jet_norm_eps = in.number("jet_norm_eps", c.jet_norm_eps);
}

/// Windows and local rotary positions of the base model's own attention layers.
void readLayers(const Fields& in, ModelConfig& c) {
    if (const nlohmann::json* windows = in.find("layer_windows")) {
        if (!windows->is_array() || windows->size() != c.layer.size())
            in.fail("layer_windows", "a list of " + std::to_string(c.layers) + " numbers was wanted");
        for (std::size_t i = 0; i < c.layer.size(); ++i) c.layer[i].window = in.integer((*windows)[i], "layer_windows");
    }
    if (const nlohmann::json* local = in.find("local_rope_layers")) {
        if (!local->is_array()) in.fail("local_rope_layers", "a list of layers was wanted, found " + local->dump());
        for (const nlohmann::json& one : *local) {
            const int layer = in.integer(one, "local_rope_layers");
            if (layer < 0 || layer >= c.layers) in.fail("local_rope_layers", "there is no layer " + std::to_string(layer));
            c.layer[static_cast<std::size_t>(layer)].local_rope = true;
        }
    }
}

}  // namespace

void readAirframeConfig(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.kv_heads = -1});
    const bool bias = in.flag("attention_bias", false);
    c.qkv_bias = in.flag("qkv_bias", bias);
    c.o_bias = in.flag("o_bias", bias);
    c.mlp_bias = in.flag("mlp_bias", false);
    c.qk_norm = in.flag("qk_norm", false);
    c.post_norms = in.flag("post_norms", false);
    c.norm_plus_one = in.flag("norm_plus_one", false);
    c.embedding_scale = in.number("embedding_scale", c.embedding_scale);
    c.query_scale = in.number("query_scale", c.query_scale);
    c.rope_local_theta = in.number("rope_local_base_freq", c.rope_local_theta);
    readBlocks(in, c);
    readLayers(in, c);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/formats/hf_architectures.h"
#include "core/formats/hf_layer_types.h"
#include "core/formats/hf_rope.h"

namespace airframe {
namespace {

constexpr int default_window = 4096, default_pattern = 6;

/// Which layers slide: by name, or all but each `pattern`-th.
std::vector<bool> slidingLayers(const Fields& in, int layers) {
    std::vector<bool> sliding;
    if (in.find("layer_types")) {
        for (const std::string& type : readLayerTypes(in, layers)) {
            if (type != "sliding_attention" && type != "full_attention")
                in.fail("layer_types", "\"" + type + "\" is not known; full_attention and sliding_attention are");
            sliding.push_back(type == "sliding_attention");
        }
        return sliding;
    }
    const char* field = "sliding_window_pattern";
    const int pattern = in.integer(field, default_pattern);
    if (pattern < 1) in.fail(field, std::to_string(pattern) + " is not a number of layers");
    for (int i = 0; i < layers; ++i) sliding.push_back((i + 1) % pattern != 0);
    return sliding;
}

/// Newer files have one rotary object per kind of layer.
void ropeByLayerType(const Fields& in, ModelConfig& c) {
    const Fields all = in.child("rope_parameters");
    RopeScaling local;
    if (all.find("full_attention")) readRopeObject(all.child("full_attention"), in, c.rope_scaling, c.rope_theta);
    if (all.find("sliding_attention")) readRopeObject(all.child("sliding_attention"), in, local, c.rope_local_theta);
    if (local.kind != RopeScaling::Kind::none) all.fail("sliding_attention", "scaled rotary positions in sliding layers are not supported");
}

void readText(const Fields& in, ModelConfig& c) {
    nlohmann::json shape = in.object;
    const bool by_type = in.find("rope_parameters") && (in.child("rope_parameters").has("full_attention") ||
                                                        in.child("rope_parameters").has("sliding_attention"));
    if (by_type) shape.erase("rope_parameters");
    // The published 4B leaves out whatever its authors' code has as a default.
    readShape({shape, in.where}, c,
              {.kv_heads = 4, .head_dim = 256, .context = 131072, .rope_theta = 1e6, .tied = true, .hidden = 2304, .intermediate = 9216,
               .layers = 26, .heads = 8, .vocab = 262208, .activation_field = "hidden_activation", .activation = "gelu_pytorch_tanh"});
    c.rope_local_theta = in.number("rope_local_base_freq", 10000.0);
    if (by_type) ropeByLayerType(in, c);
    for (const char* field : {"final_logit_softcapping", "attn_logit_softcapping"}) in.refuseIfSet(field);
    in.refuseIfTrue("use_bidirectional_attention");
    c.qkv_bias = c.o_bias = in.flag("attention_bias", false);
    c.qk_norm = c.post_norms = c.norm_plus_one = true;
    c.embedding_scale = std::sqrt(static_cast<double>(c.hidden));
    const double scalar = in.number("query_pre_attn_scalar", 256.0);
    if (!(scalar > 0)) in.fail("query_pre_attn_scalar", "a positive number was wanted, found " + in.get("query_pre_attn_scalar").dump());
    c.query_scale = 1 / std::sqrt(scalar);
    const int window = in.integer("sliding_window", default_window);
    if (window < 1) in.fail("sliding_window", std::to_string(window) + " is not a number of tokens");
    const std::vector<bool> sliding = slidingLayers(in, c.layers);
    for (std::size_t i = 0; i < sliding.size(); ++i)
        if (sliding[i]) c.layer[i] = {.window = window, .local_rope = true};
}

}  // namespace

void readGemma3Config(const Fields& in, ModelConfig& c) {
    c.architecture = "gemma3";
    if (!in.find("text_config")) return readText(in, c);
    readText(in.child("text_config"), c);
    // Beside the two halves the outer object holds the tokens of the whole model.
    for (const auto& [field, id] : {std::pair("bos_token_id", &c.bos_id), std::pair("eos_token_id", &c.eos_id)}) {
        const nlohmann::json* value = in.find(field);
        if (value && value->is_array() && !value->empty()) value = &value->front();
        if (value && *id < 0) *id = in.integer(*value, field);
    }
}

}  // namespace airframe

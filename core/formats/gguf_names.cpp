// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_names.h"

namespace airframe {
namespace {

enum class When { always, without_post_norms, with_post_norms };

struct Pair {
    std::string_view gguf, hf;
    When when = When::always;
};

constexpr Pair top_names[] = {{"token_embd.weight", "model.embed_tokens.weight"},
                              {"output_norm.weight", "model.norm.weight"},
                              {"output.weight", "lm_head.weight"}};

/// Names inside a layer. A JetBlock shares the attention's four projections; its other tensors have names of our own.
constexpr Pair layer_names[] = {
    {"attn_norm.weight", "input_layernorm.weight"},
    {"attn_q.weight", "self_attn.q_proj.weight"},
    {"attn_k.weight", "self_attn.k_proj.weight"},
    {"attn_v.weight", "self_attn.v_proj.weight"},
    {"attn_output.weight", "self_attn.o_proj.weight"},
    {"attn_q.bias", "self_attn.q_proj.bias"},
    {"attn_k.bias", "self_attn.k_proj.bias"},
    {"attn_v.bias", "self_attn.v_proj.bias"},
    {"attn_output.bias", "self_attn.o_proj.bias"},
    {"attn_q_norm.weight", "self_attn.q_norm.weight"},
    {"attn_k_norm.weight", "self_attn.k_norm.weight"},
    {"ffn_norm.weight", "post_attention_layernorm.weight", When::without_post_norms},
    {"post_attention_norm.weight", "post_attention_layernorm.weight", When::with_post_norms},
    {"ffn_norm.weight", "pre_feedforward_layernorm.weight", When::with_post_norms},
    {"post_ffw_norm.weight", "post_feedforward_layernorm.weight", When::with_post_norms},
    {"ffn_gate.weight", "mlp.gate_proj.weight"},
    {"ffn_up.weight", "mlp.up_proj.weight"},
    {"ffn_down.weight", "mlp.down_proj.weight"},
    {"ffn_gate.bias", "mlp.gate_proj.bias"},
    {"ffn_up.bias", "mlp.up_proj.bias"},
    {"ffn_down.bias", "mlp.down_proj.bias"},
    {"jet_gate.weight", "self_attn.g_proj.weight"},
    {"jet_a.weight", "self_attn.a_proj.weight"},
    {"jet_b.weight", "self_attn.b_proj.weight"},
    {"jet_a_log", "self_attn.A_log"},
    {"jet_dt_bias", "self_attn.dt_bias"},
    {"jet_conv_w1.weight", "self_attn.dynamic_conv1d.kernel_generator.w1.weight"},
    {"jet_conv_w2.weight", "self_attn.dynamic_conv1d.kernel_generator.w2.weight"},
    {"jet_conv_w2.bias", "self_attn.dynamic_conv1d.kernel_generator.w2.bias"},
    {"jet_norm.weight", "self_attn.o_norm.weight"},
};

using Side = std::string_view Pair::*;

bool applies(const Pair& pair, bool post_norms) {
    return pair.when == When::always || (pair.when == When::with_post_norms) == post_norms;
}

std::string translate(std::string_view name, bool post_norms, Side from, Side to, std::string_view from_layers, std::string_view to_layers) {
    for (const Pair& pair : top_names) {
        if (name == pair.*from) return std::string(pair.*to);
    }
    if (!name.starts_with(from_layers)) return std::string(name);
    const std::string_view rest = name.substr(from_layers.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos || dot == 0) return std::string(name);
    const std::string_view number = rest.substr(0, dot), inner = rest.substr(dot + 1);
    if (number.find_first_not_of("0123456789") != std::string_view::npos) return std::string(name);
    for (const Pair& pair : layer_names) {
        if (inner == pair.*from && applies(pair, post_norms)) {
            return std::string(to_layers) + std::string(number) + "." + std::string(pair.*to);
        }
    }
    return std::string(name);
}

}  // namespace

std::string ggufToHfName(std::string_view name, bool post_norms) {
    return translate(name, post_norms, &Pair::gguf, &Pair::hf, "blk.", "model.layers.");
}

std::string hfToGgufName(std::string_view name, bool post_norms) {
    return translate(name, post_norms, &Pair::hf, &Pair::gguf, "model.layers.", "blk.");
}

}  // namespace airframe

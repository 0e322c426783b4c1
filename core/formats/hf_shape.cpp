// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_architectures.h"
#include "core/formats/hf_rope.h"

namespace airframe {
namespace {

/// A token id, or the first of several (eos_token_id may be a list); -1 if absent.
int tokenId(const Fields& in, const char* field) {
    const nlohmann::json* value = in.find(field);
    if (!value) return -1;
    if (value->is_array() && !value->empty()) return in.integer((*value)[0], field);
    return in.integer(*value, field);
}

int size(const Fields& in, const char* field, int otherwise) { return otherwise > 0 ? in.integer(field, otherwise) : in.integer(field); }

Activation activation(const Fields& in, const ShapeDefaults& defaults) {
    const std::string name = in.text(defaults.activation_field, defaults.activation);
    if (name == "silu" || name == "swish") return Activation::silu;
    if (name == "gelu_pytorch_tanh") return Activation::gelu_tanh;
    in.fail(defaults.activation_field, "\"" + name + "\" is not known; silu and gelu_pytorch_tanh are");
}

}  // namespace

void readShape(const Fields& in, ModelConfig& c, const ShapeDefaults& defaults) {
    c.layers = size(in, "num_hidden_layers", defaults.layers);
    if (c.layers < 1 || c.layers > (1 << 16)) in.fail("num_hidden_layers", std::to_string(c.layers) + " is out of range");
    c.layer.assign(static_cast<std::size_t>(c.layers), {});
    c.hidden = size(in, "hidden_size", defaults.hidden);
    c.intermediate = size(in, "intermediate_size", defaults.intermediate);
    c.heads = size(in, "num_attention_heads", defaults.heads);
    if (c.heads < 1) in.fail("num_attention_heads", std::to_string(c.heads) + " is out of range");
    c.kv_heads = size(in, "num_key_value_heads", defaults.kv_heads < 0 ? c.heads : defaults.kv_heads);
    if (in.find("head_dim")) {
        c.head_dim = in.integer("head_dim");
    } else if (defaults.head_dim > 0 && !in.has("head_dim")) {
        c.head_dim = defaults.head_dim;
    } else {
        if (c.hidden % c.heads != 0)
            in.fail("num_attention_heads", std::to_string(c.heads) + " does not divide hidden_size " + std::to_string(c.hidden));
        c.head_dim = c.hidden / c.heads;
    }
    c.vocab = size(in, "vocab_size", defaults.vocab);
    c.context = in.integer("max_position_embeddings", defaults.context);
    c.rms_eps = in.number("rms_norm_eps", 1e-6);
    c.tied = in.flag("tie_word_embeddings", defaults.tied);
    c.bos_id = tokenId(in, "bos_token_id");
    c.eos_id = tokenId(in, "eos_token_id");
    c.activation = activation(in, defaults);
    readRope(in, c, defaults.rope_theta);
}

}  // namespace airframe

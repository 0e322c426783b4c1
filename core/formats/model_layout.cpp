// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_layout.h"

#include <cmath>
#include <cstdio>
#include <map>

#include "core/base/error.h"
#include "core/formats/dequantise.h"
#include "core/formats/rope_frequencies.h"
#include "core/formats/safetensors.h"

namespace airframe {
namespace {

void attention(std::vector<LayoutTensor>& out, const std::string& prefix, const ModelConfig& c) {
    const std::int64_t D = c.hidden, Q = std::int64_t{c.heads} * c.head_dim, KV = std::int64_t{c.kv_heads} * c.head_dim;
    out.push_back({prefix + "q_proj.weight", {Q, D}});
    out.push_back({prefix + "k_proj.weight", {KV, D}});
    out.push_back({prefix + "v_proj.weight", {KV, D}});
    out.push_back({prefix + "o_proj.weight", {D, Q}});
    if (c.qkv_bias) {
        out.push_back({prefix + "q_proj.bias", {Q}});
        out.push_back({prefix + "k_proj.bias", {KV}});
        out.push_back({prefix + "v_proj.bias", {KV}});
    }
    if (c.o_bias) out.push_back({prefix + "o_proj.bias", {D}});
    if (c.qk_norm) {
        out.push_back({prefix + "q_norm.weight", {c.head_dim}});
        out.push_back({prefix + "k_norm.weight", {c.head_dim}});
    }
}

/// The thirteen tensors of a JetBlock under their published names (Jet-Nemotron, arXiv 2508.15884, released files).
void jet(std::vector<LayoutTensor>& out, const std::string& prefix, const ModelConfig& c) {
    const auto& dims = c.block_dims.at("jet");
    const std::int64_t D = c.hidden, H = dims.at("heads"), K = H * dims.at("k"), v = dims.at("v"), V = H * v;
    const std::int64_t R = dims.at("generator");
    out.push_back({prefix + "q_proj.weight", {K, D}});
    out.push_back({prefix + "k_proj.weight", {K, D}});
    out.push_back({prefix + "v_proj.weight", {V, D}});
    out.push_back({prefix + "g_proj.weight", {V, D}});
    out.push_back({prefix + "a_proj.weight", {H, D}});
    out.push_back({prefix + "b_proj.weight", {H, D}});
    out.push_back({prefix + "A_log", {H}});
    out.push_back({prefix + "dt_bias", {H}});
    out.push_back({prefix + "dynamic_conv1d.kernel_generator.w1.weight", {R, D}});
    out.push_back({prefix + "dynamic_conv1d.kernel_generator.w2.weight", {V * 4, R}});
    out.push_back({prefix + "dynamic_conv1d.kernel_generator.w2.bias", {V * 4}});
    out.push_back({prefix + "o_norm.weight", {v}});
    out.push_back({prefix + "o_proj.weight", {D, V}});
}

/// Which tensors a block has and which dimensions it needs: a new block in files is one row.
struct BlockLayout {
    void (*tensors)(std::vector<LayoutTensor>&, const std::string&, const ModelConfig&);
    std::vector<const char*> dims;
};

const std::map<std::string, BlockLayout>& blocks() {
    static const std::map<std::string, BlockLayout> rows{{"attn", {attention, {}}},
                                                         {"swa", {attention, {"window"}}},
                                                         {"jet", {jet, {"heads", "k", "v", "generator"}}}};
    return rows;
}

std::string numberText(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

[[noreturn]] void fail(const std::string& where, const std::string& field, const std::string& what) {
    throw Failure(ErrorCode::bad_input, where + ": " + field, what, "the model's description contradicts itself");
}

/// Left in some files by old converters; follows from the config.
bool harmless(const std::string& name, const ModelConfig& config) {
    return name.ends_with(".rotary_emb.inv_freq") || (config.tied && name == "lm_head.weight");
}

}  // namespace

std::vector<LayoutTensor> modelLayout(const ModelConfig& c) {
    const std::int64_t D = c.hidden, F = c.intermediate, N = c.vocab;
    std::vector<LayoutTensor> out{{"model.embed_tokens.weight", {N, D}}};
    for (int i = 0; i < c.layers; ++i) {
        const std::string layer = "model.layers." + std::to_string(i) + ".";
        out.push_back({layer + "input_layernorm.weight", {D}});
        blocks().at(c.layer[static_cast<std::size_t>(i)].block).tensors(out, layer + "self_attn.", c);
        out.push_back({layer + "post_attention_layernorm.weight", {D}});
        if (c.post_norms) out.push_back({layer + "pre_feedforward_layernorm.weight", {D}});
        out.push_back({layer + "mlp.gate_proj.weight", {F, D}});
        out.push_back({layer + "mlp.up_proj.weight", {F, D}});
        out.push_back({layer + "mlp.down_proj.weight", {D, F}});
        if (c.mlp_bias) {
            out.push_back({layer + "mlp.gate_proj.bias", {F}});
            out.push_back({layer + "mlp.up_proj.bias", {F}});
            out.push_back({layer + "mlp.down_proj.bias", {D}});
        }
        if (c.post_norms) out.push_back({layer + "post_feedforward_layernorm.weight", {D}});
    }
    out.push_back({"model.norm.weight", {D}});
    if (!c.tied) out.push_back({"lm_head.weight", {N, D}});
    return out;
}

void checkConfig(const ModelConfig& c, const std::string& where) {
    const auto positive = [&](const char* field, int value, int limit) {
        if (value < 1 || value > limit) {
            fail(where, field, "a number from 1 to " + std::to_string(limit) + " was wanted, found " + std::to_string(value));
        }
    };
    positive("layers", c.layers, 1 << 16);
    positive("hidden size", c.hidden, 1 << 20);
    positive("intermediate size", c.intermediate, 1 << 24);
    positive("attention heads", c.heads, 1 << 16);
    positive("key/value heads", c.kv_heads, 1 << 16);
    positive("head dimension", c.head_dim, 1 << 16);
    positive("vocabulary size", c.vocab, 1 << 26);
    positive("context length", c.context, 1 << 30);
    if (c.heads % c.kv_heads != 0) {
        fail(where, "key/value heads", std::to_string(c.kv_heads) + " does not divide the " + std::to_string(c.heads) +
                                           " attention heads");
    }
    if (c.head_dim % 2 != 0) {
        fail(where, "head dimension", std::to_string(c.head_dim) + " is odd, rotary positions need pairs");
    }
    const auto above = [&](const char* field, double value, double least) {
        if (std::isfinite(value) && value > least) return;
        fail(where, field, "a number above " + numberText(least) + " was wanted, found " + numberText(value));
    };
    above("RMSNorm epsilon", c.rms_eps, 0);
    above("jet norm epsilon", c.jet_norm_eps, 0);
    above("rotary base", c.rope_theta, 0);
    above("rotary base of local layers", c.rope_local_theta, 0);
    above("embedding scale", c.embedding_scale, 0);
    if (c.query_scale != 0) above("query scale", c.query_scale, 0);
    checkRopeScaling(c, where);
    for (const auto& [field, id] : {std::pair("bos token", c.bos_id), std::pair("eos token", c.eos_id)}) {
        if (id < -1 || id >= c.vocab) {
            fail(where, field, "id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(c.vocab));
        }
    }
    if (c.layer.size() != static_cast<std::size_t>(c.layers)) {
        fail(where, "layer_types", std::to_string(c.layer.size()) + " entries for " + std::to_string(c.layers) + " layers");
    }
    for (std::size_t i = 0; i < c.layer.size(); ++i) {
        const std::string& id = c.layer[i].block;
        if (c.layer[i].window < 0) fail(where, "window", "layer " + std::to_string(i) + " sees " + std::to_string(c.layer[i].window) + " keys");
        const auto block = blocks().find(id);
        if (block == blocks().end()) {
            fail(where, "layer_types", "layer " + std::to_string(i) + " has the unknown block \"" + id + "\"");
        }
        for (const char* dim : block->second.dims) {
            const auto dims = c.block_dims.find(id);
            if (dims == c.block_dims.end() || !dims->second.contains(dim)) {
                fail(where, "block dimensions", "\"" + std::string(dim) + "\" of block " + id + " is missing");
            }
            positive((id + " " + dim).c_str(), dims->second.at(dim), 1 << 20);
        }
    }
}

void checkTensors(const std::vector<TensorInfo>& stored, const ModelConfig& config, const std::string& where) {
    std::map<std::string_view, const TensorInfo*> rest;
    for (const TensorInfo& tensor : stored) rest[tensor.name] = &tensor;
    // Each layer stores several tensors: a layer count beyond the file is refused before a layout of that size is made.
    if (static_cast<std::size_t>(config.layers) > stored.size()) {
        fail(where, "layers", std::to_string(config.layers) + " layers, but only " + std::to_string(stored.size()) +
                                  " tensors are stored");
    }
    for (const LayoutTensor& wanted : modelLayout(config)) {
        const auto it = rest.find(wanted.name);
        const std::string tensor = where + ": tensor " + wanted.name;
        if (it == rest.end()) {
            throw Failure(ErrorCode::bad_input, tensor, "is missing", "the file is incomplete or of another architecture");
        }
        if (it->second->shape != wanted.shape) {
            throw Failure(ErrorCode::bad_input, tensor,
                          "shape " + shapeText(wanted.shape) + " was wanted, found " + shapeText(it->second->shape),
                          "the model's description and its weights do not belong together");
        }
        if (!storedType(it->second->type)) {
            throw Failure(ErrorCode::bad_input, tensor, "type " + it->second->type + " cannot hold weights");
        }
        rest.erase(it);
    }
    for (const auto& [name, tensor] : rest) {
        if (harmless(tensor->name, config)) continue;
        throw Failure(ErrorCode::bad_input, where + ": tensor " + std::string(name),
                      "a model of this description has no such tensor",
                      "the model's description and its weights do not belong together");
    }
}

}  // namespace airframe

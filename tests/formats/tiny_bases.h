// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/formats/model_layout.h"
#include "support/tiny_model.h"

namespace airframe::test {

/// A kind of base model that exports must carry: a tiny random model of its features.
struct TinyBase {
    std::string name;
    std::function<void(ModelConfig&)> change;
};

/// One row per feature of ModelConfig that changes the computation.
inline const std::vector<TinyBase>& tinyBases() {
    using Kind = RopeScaling::Kind;
    const auto scaled = [](Kind kind, std::function<void(RopeScaling&)> more) {
        return [=](ModelConfig& c) {
            c.context = 64;
            c.rope_scaling.kind = kind;
            c.rope_scaling.factor = 4;
            more(c.rope_scaling);
        };
    };
    static const std::vector<TinyBase> rows{
        {"llama", [](ModelConfig&) {}},
        {"untied", [](ModelConfig& c) { c.tied = false; }},
        {"llama with biases", [](ModelConfig& c) { c.qkv_bias = c.o_bias = c.mlp_bias = true; }},
        {"wide heads", [](ModelConfig& c) { c.head_dim = 16; }},
        {"qwen2", [](ModelConfig& c) { c.qkv_bias = true; }},
        {"qwen3", [](ModelConfig& c) { c.qk_norm = true, c.head_dim = 16; }},
        {"mistral", [](ModelConfig& c) { for (LayerConfig& layer : c.layer) layer.window = 7; }},
        {"gemma 3",
         [](ModelConfig& c) {
             c.qk_norm = c.post_norms = c.norm_plus_one = true;
             c.activation = Activation::gelu_tanh;
             c.embedding_scale = std::sqrt(32.0);
             c.query_scale = 0.3;
             c.rope_theta = 1e6;
             for (int i : {0, 1, 3}) c.layer[static_cast<std::size_t>(i)].window = 9, c.layer[static_cast<std::size_t>(i)].local_rope = true;
         }},
        {"linear", scaled(Kind::linear, [](RopeScaling&) {})},
        {"dynamic", scaled(Kind::dynamic, [](RopeScaling&) {})},
        {"yarn", scaled(Kind::yarn, [](RopeScaling& s) { s.original_context = 16; })},
        {"yarn of DeepSeek", scaled(Kind::yarn, [](RopeScaling& s) { s.original_context = 16, s.mscale = 0.7, s.mscale_all_dim = 0.5, s.truncate = false; })},
        {"llama3", scaled(Kind::llama3, [](RopeScaling& s) { s.original_context = 16; })},
        {"longrope", scaled(Kind::longrope, [](RopeScaling& s) { s.original_context = 16, s.short_factor = {1, 1.1, 1.2, 1.3}, s.long_factor = {1.5, 2, 3, 4}; })},
        {"frequency factors", [](ModelConfig& c) { c.rope_scaling.frequency_factors = {1, 1, 2, 8}; }},
    };
    return rows;
}

/// The tiny model changed so, with random tensors wherever its layout now wants others.
inline std::shared_ptr<TinyModel> tinyBase(const TinyBase& base) {
    auto model = tinyModel();
    base.change(model->configuration());
    std::mt19937_64 random(7);
    std::normal_distribution<float> normal(0, 0.25f);
    for (const LayoutTensor& tensor : modelLayout(model->config())) {
        const TensorInfo* stored = model->find(tensor.name);
        if (stored && stored->shape == tensor.shape) continue;
        std::int64_t count = 1;
        for (const std::int64_t dim : tensor.shape) count *= dim;
        std::vector<float> values(static_cast<std::size_t>(count));
        for (float& value : values) value = normal(random) + (tensor.name.ends_with("norm.weight") && !model->config().norm_plus_one ? 1 : 0);
        model->set(tensor.name, tensor.shape, std::move(values));
    }
    return model;
}

}  // namespace airframe::test

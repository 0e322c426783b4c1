// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model.h"

#include <ATen/ATen.h>

#include <type_traits>

#include "core/base/error.h"
#include "core/blocks/block_registry.h"
#include "core/blocks/geglu.h"
#include "core/blocks/rms_norm.h"
#include "core/blocks/swiglu.h"
#include "core/blocks/tensor_reader.h"
#include "core/formats/native_support.h"
#include "core/model/loading.h"
#include "core/model/token_nll.h"
#include "core/model/weight_reader.h"

namespace airframe {
std::shared_ptr<const Model> Model::load(std::shared_ptr<const ModelFile> file, const Compute& compute,
                                         RunControl& control) {
    // Ordinary tensors even if the caller is under InferenceMode: training differentiates through products with them.
    const c10::InferenceMode ordinary(false);
    std::shared_ptr<Model> model(new Model);
    const ModelConfig& c = file->config();
    model->m_config = c;
    model->m_compute = compute;
    if (compute.or_bf16) model->m_compute.native = nativeLacks(c).empty();
    model->m_compute.or_bf16 = false;
    model->m_file = file;
    try {
        model->m_tokenizer = file->tokenizer();
    } catch (const Failure& failure) {
        model->m_tokenizer_error = failure.error();
    }

    const auto norm = [&](const std::string& name) {
        const at::Tensor weight = readTensor(*file, name, {c.hidden});
        return (c.norm_plus_one ? weight + 1 : weight).to(compute.device);
    };
    const WeightReader reader(file, model->m_compute);
    // The fused kernels pack the file's own bytes: for them these weights are made only if something else asks.
    const auto weight = [&]<class Make>(Make make) {
        OnDemand<std::invoke_result_t<Make>> held([make] {
            const c10::InferenceMode ordinary(false);
            return make();
        });
        if (!model->m_compute.native) (void)*held;
        return held;
    };
    model->m_embedding = weight([reader] { return reader.embedding(); });
    model->m_head = weight([reader, embedding = model->m_embedding, tied = c.tied] { return reader.head(tied ? *embedding : at::Tensor()); });
    model->m_final_norm = norm("model.norm.weight");

    const auto global = std::make_shared<const Rotary>(RopeSetting::of(c, false), compute);
    const auto local = std::make_shared<const Rotary>(RopeSetting::of(c, true), compute);
    for (int i = 0; i < c.layers; ++i) {
        tellLoading(control, *file, "load", i, c.layers);
        const std::string prefix = "model.layers." + std::to_string(i) + ".";
        Layer layer;
        layer.input_norm = norm(prefix + "input_layernorm.weight");
        layer.mlp_norm = norm(prefix + (c.post_norms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"));
        if (c.post_norms) {
            layer.mixer_out_norm = norm(prefix + "post_attention_layernorm.weight");
            layer.mlp_out_norm = norm(prefix + "post_feedforward_layernorm.weight");
        }
        layer.gate_up = weight([reader, prefix] { return reader.gateUp(prefix); });
        layer.down = weight([reader, prefix] { return reader.down(prefix); });
        model->m_layers.push_back(std::move(layer));
        const LayerConfig& kind = c.layer.at(static_cast<std::size_t>(i));
        model->m_mixers.push_back(findBlock(kind.block).make({*file, i, compute, kind.local_rope ? local : global}));
    }
    tellLoading(control, *file, "load", c.layers, c.layers);
    return model;
}

const Tokenizer& Model::tokenizer() const {
    if (!m_tokenizer) throw Failure(m_tokenizer_error);
    return *m_tokenizer;
}

at::Tensor Model::embed(const at::Tensor& ids) const {
    const at::Tensor h = at::embedding(*m_embedding, ids.to(m_compute.device));
    if (m_config.embedding_scale == 1) return h;
    return h * at::full({}, m_config.embedding_scale, h.options());  // a tensor: the factor is rounded to its type
}

at::Tensor Model::normed(const at::Tensor& h, const at::Tensor& weight) const { return rmsNorm(h, weight, m_config.rms_eps); }

at::Tensor Model::mixerInput(int layer, const at::Tensor& h) const {
    return normed(h, m_layers[static_cast<std::size_t>(layer)].input_norm);
}

at::Tensor Model::addMixer(int layer, const at::Tensor& h, const at::Tensor& y) const {
    const at::Tensor& norm = m_layers[static_cast<std::size_t>(layer)].mixer_out_norm;
    return h + (norm.defined() ? normed(y, norm) : y);
}

at::Tensor Model::addMlp(int layer, const at::Tensor& h) const {
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    const at::Tensor gate_up = (*weights.gate_up)(normed(h, weights.mlp_norm));
    const at::Tensor y = (*weights.down)(m_config.activation == Activation::silu ? swiglu(gate_up) : geglu(gate_up));
    return h + (weights.mlp_out_norm.defined() ? normed(y, weights.mlp_out_norm) : y);
}

at::Tensor Model::headOutput(const at::Tensor& h) const { return (*m_head)(normed(h, m_final_norm)); }

at::Tensor Model::logits(const at::Tensor& h) const { return headOutput(h).to(at::kFloat); }

at::Tensor Model::nll(const at::Tensor& h, const at::Tensor& targets) const {
    if (h.dim() != 2 || targets.dim() != 1 || h.size(0) != targets.size(0))
        throw Failure(
            ErrorCode::internal, "nll",
            "wanted h [N, D] and targets [N], found " + sizesText(h.sizes()) + " and " + sizesText(targets.sizes()));
    return tokenNll([this](const at::Tensor& slice) { return headOutput(slice); }, h, targets.to(m_compute.device),
                    m_config.vocab);
}

}  // namespace airframe

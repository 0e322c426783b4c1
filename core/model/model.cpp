// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model.h"

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/blocks/block_registry.h"
#include "core/blocks/rms_norm.h"
#include "core/blocks/swiglu.h"
#include "core/blocks/tensor_reader.h"
#include "core/model/token_nll.h"

namespace airframe {
namespace {

void goOn(RunControl& control, const ModelFile& file, int done, int layers) {
    if (!control.checkpoint()) throw Failure(ErrorCode::interrupted, file.path().string(), "loading was stopped", "");
    Progress progress;
    progress.phase = "load";
    progress.unit = "layers";
    progress.done = done;
    progress.total = layers;
    control.progress(progress);
}

}  // namespace

std::shared_ptr<const Model> Model::load(std::shared_ptr<const ModelFile> file, const Compute& compute,
                                         RunControl& control) {
    // Ordinary tensors even if the caller is under InferenceMode: training differentiates through products with them.
    const c10::InferenceMode ordinary(false);
    std::shared_ptr<Model> model(new Model);
    const ModelConfig& c = file->config();
    model->m_config = c;
    model->m_compute = compute;
    model->m_file = file;
    try {
        model->m_tokenizer = file->tokenizer();
    } catch (const Failure& failure) {
        model->m_tokenizer_error = failure.error();
    }

    const auto norm = [&](const std::string& name) { return readTensor(*file, name, {c.hidden}).to(compute.device); };
    model->m_embedding = toCompute(readTensor(*file, "model.embed_tokens.weight", {c.vocab, c.hidden}), compute);
    model->m_head = LinearWeight::packed(
        c.tied ? model->m_embedding : toCompute(readTensor(*file, "lm_head.weight", {c.vocab, c.hidden}), compute));
    model->m_final_norm = norm("model.norm.weight");

    const auto rotary = std::make_shared<const Rotary>(c.head_dim, c.rope_theta, compute);
    for (int i = 0; i < c.layers; ++i) {
        goOn(control, *file, i, c.layers);
        const std::string prefix = "model.layers." + std::to_string(i) + ".";
        Layer layer;
        layer.input_norm = norm(prefix + "input_layernorm.weight");
        layer.post_norm = norm(prefix + "post_attention_layernorm.weight");
        layer.gate_up = LinearWeight::packed(
            toCompute(at::cat({readTensor(*file, prefix + "mlp.gate_proj.weight", {c.intermediate, c.hidden}),
                               readTensor(*file, prefix + "mlp.up_proj.weight", {c.intermediate, c.hidden})}),
                      compute));
        layer.down = LinearWeight::packed(
            toCompute(readTensor(*file, prefix + "mlp.down_proj.weight", {c.hidden, c.intermediate}), compute));
        model->m_layers.push_back(std::move(layer));
        const BlockType& type = findBlock(c.layer.at(static_cast<std::size_t>(i)).block);
        model->m_mixers.push_back(type.make({*file, i, compute, rotary}));
    }
    goOn(control, *file, c.layers, c.layers);
    return model;
}

const Tokenizer& Model::tokenizer() const {
    if (!m_tokenizer) throw Failure(m_tokenizer_error);
    return *m_tokenizer;
}

at::Tensor Model::embed(const at::Tensor& ids) const {
    return at::embedding(m_embedding, ids.to(m_compute.device));
}

at::Tensor Model::mixerInput(int layer, const at::Tensor& h) const {
    return rmsNorm(h, m_layers[static_cast<std::size_t>(layer)].input_norm, m_config.rms_eps);
}

at::Tensor Model::addMlp(int layer, const at::Tensor& h) const {
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    return h + weights.down(swiglu(weights.gate_up(rmsNorm(h, weights.post_norm, m_config.rms_eps))));
}

at::Tensor Model::headOutput(const at::Tensor& h) const {
    return m_head(rmsNorm(h, m_final_norm, m_config.rms_eps));
}

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

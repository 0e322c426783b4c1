// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exported_model.h"

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/blocks/jet_block.h"
#include "core/blocks/tensor_reader.h"
#include "core/formats/hf_config_writer.h"
#include "core/formats/safetensors.h"

namespace airframe {
namespace {

/// Adds the JetBlock's dimensions to the config, or checks that they are those it has.
void addJetDims(ModelConfig& c, int layer, const JetDims& d) {
    const std::map<std::string, int> dims{{"heads", d.heads}, {"k", d.k}, {"v", d.v}, {"generator", d.generator}};
    const auto [it, first] = c.block_dims.emplace("jet", dims);
    if (!first && (it->second != dims || c.jet_norm_eps != d.norm_eps)) {
        throw Failure(ErrorCode::bad_input, "layer " + std::to_string(layer),
                      "its jet block has other dimensions than the model's other jet blocks",
                      "an export holds one set of dimensions for all of them");
    }
    c.jet_norm_eps = d.norm_eps;
}

/// The base model's config with the placement's blocks and their dimensions.
ModelConfig exportedConfig(const Supernet& supernet, const Placement& placement) {
    const ModelConfig& base = supernet.model().config();
    ModelConfig c = base;
    c.block_dims.clear();
    for (int i = 0; i < c.layers; ++i) {
        LayerConfig& layer = c.layer[static_cast<std::size_t>(i)];
        const Block& block = supernet.block(i, placement[i]);
        if (&block != &supernet.model().mixer(i)) layer = {placement[i]};  // its window and rotary base went with the attention
        if (const auto* jet = dynamic_cast<const JetBlock*>(&block)) {
            addJetDims(c, i, jet->dims());
        } else if (const auto dims = base.block_dims.find(layer.block); dims != base.block_dims.end()) {
            c.block_dims.insert(*dims);
        }
    }
    c.architecture = isJetNemotron(c) ? "jet_nemotron" : "airframe";
    return c;
}

}  // namespace

ExportedModel::ExportedModel(const Supernet& supernet, const Placement& placement)
    : m_supernet(supernet), m_placement(placement) {
    supernet.check(placement);
    m_config = exportedConfig(supernet, placement);
    checkConfig(m_config, "export");
    m_layout = modelLayout(m_config);
    for (int i = 0; i < supernet.layers(); ++i) {
        const Block& block = supernet.block(i, placement[i]);
        if (&block == &supernet.model().mixer(i)) continue;
        const std::string prefix = "model.layers." + std::to_string(i) + ".self_attn.";
        for (auto& [name, tensor] : block.parameters()) m_trained[prefix + name] = tensor;
    }
}

std::int64_t ExportedModel::parameters() const {
    std::int64_t sum = 0;
    for (const LayoutTensor& tensor : m_layout) {
        std::int64_t count = 1;
        for (const std::int64_t dim : tensor.shape) count *= dim;
        sum += count;
    }
    return sum;
}

at::Tensor ExportedModel::tensor(const LayoutTensor& wanted) const {
    const auto it = m_trained.find(wanted.name);
    if (it == m_trained.end()) return readTensor(m_supernet.model().file(), wanted.name, wanted.shape);
    if (it->second.sizes() != at::IntArrayRef(wanted.shape)) {
        throw Failure(ErrorCode::internal, wanted.name, "shape " + shapeText(wanted.shape) + " was wanted, the block has " +
                                                            sizesText(it->second.sizes()));
    }
    return it->second.detach().to(at::kCPU, at::kFloat).contiguous();
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/memory_need.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "core/formats/model_layout.h"
#include "core/formats/model_summary.h"
#include "core/formats/native_form.h"

namespace airframe {
namespace {

bool known(const std::string& block) { return block == "attn" || block == "swa" || block == "jet"; }

std::vector<std::string> ownBlocks(const ModelConfig& config) {
    std::vector<std::string> blocks;
    for (const LayerConfig& layer : config.layer) blocks.push_back(layer.block);
    return blocks;
}

/// The file's model with other blocks, so that its layout can be listed.
ModelConfig withBlocks(ModelConfig config, const std::vector<std::string>& blocks) {
    for (std::size_t i = 0; i < config.layer.size() && i < blocks.size(); ++i) {
        // What has no layout is left as it is; memoryNeed() passes over its mixer.
        if (config.layer[i].block == blocks[i] || !known(blocks[i])) continue;
        config.layer[i] = {};
        config.layer[i].block = blocks[i];
        config.block_dims[blocks[i]] = blockDims(config, blocks[i]);
    }
    return config;
}

bool ofMixer(std::string_view name) { return name.find(".self_attn.") != std::string_view::npos; }

/// The tensors whose matrices are one product in the fused kernels, by the last parts of their names.
std::vector<std::string> together(const std::string& name) {
    static const std::array<std::vector<std::string_view>, 2> groups = {
        {{"self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight"}, {"mlp.gate_proj.weight", "mlp.up_proj.weight"}}};
    for (const auto& group : groups)
        for (const std::string_view end : group) {
            if (!name.ends_with(end)) continue;
            std::vector<std::string> all;
            for (const std::string_view other : group) all.push_back(name.substr(0, name.size() - end.size()) + std::string(other));
            return all;
        }
    return {name};
}

/// Bytes of one tensor of the layout in each form.
class WeightBytes {
  public:
    WeightBytes(const ModelFile& file, ComputeForm form) : m_form(form), m_blocks(ownBlocks(file.config())) {
        for (const TensorInfo& tensor : file.tensors()) m_types[tensor.name] = tensor.type;
    }
    /// `block` is what the tensor's layer is to hold.
    [[nodiscard]] double operator()(const LayoutTensor& tensor, const std::string& block) const {
        double values = 1;
        for (const std::int64_t size : tensor.shape) values *= static_cast<double>(size);
        if (tensor.shape.size() != 2) return values * 4;
        if (m_form == ComputeForm::float32) return values * 4;
        if (m_form == ComputeForm::bf16) return values * 2;
        return packedBytes(typeOf(tensor, block), tensor.shape[0], tensor.shape[1]);
    }

  private:
    [[nodiscard]] std::string_view stored(const std::string& name) const {
        const auto found = m_types.find(name);
        return found == m_types.end() ? std::string_view() : std::string_view(found->second);
    }
    [[nodiscard]] std::string_view typeOf(const LayoutTensor& tensor, const std::string& block) const {
        const int layer = layerOfTensor(tensor.name);
        if (ofMixer(tensor.name)) {
            const bool as_stored = block != "jet" && m_blocks[static_cast<std::size_t>(layer)] == block;
            if (!as_stored) {
                // Trained blocks take the finest of the quantised types where the layer's MLP is quantised.
                const std::array down = {stored("model.layers." + std::to_string(layer) + ".mlp.down_proj.weight")};
                const bool quantised = nativeType(down, 32) != "BF16" && tensor.shape[1] % 32 == 0;
                return quantised ? "Q8_0" : "BF16";
            }
        }
        std::vector<std::string_view> types;
        for (const std::string& name : together(tensor.name)) types.push_back(stored(name));
        return nativeType(types, tensor.shape[1]);
    }
    ComputeForm m_form;
    std::vector<std::string> m_blocks;
    std::unordered_map<std::string, std::string> m_types;
};

double mixerWidth(const ModelConfig& c, const std::string& block) {
    if (block == "jet") {
        auto dims = blockDims(c, block);
        return dims["heads"] * (4.0 * dims["k"] + 9.0 * dims["v"]);
    }
    return 1.0 * c.head_dim * (3.0 * c.heads + 4.0 * c.kv_heads);
}

}  // namespace

double activationBytes(const ModelConfig& c, const std::vector<std::string>& blocks, int batch, int tokens) {
    double widest = 4.0 * c.intermediate;
    for (const std::string& block : std::set<std::string>(blocks.begin(), blocks.end())) widest = std::max(widest, mixerWidth(c, block));
    const double rows = 1.0 * batch * tokens;
    return 4 * (rows * (4.0 * c.hidden + widest) + 3.0 * batch * c.vocab);
}

MemoryNeed memoryNeed(const ModelFile& file, const MemoryUse& use) {
    const ModelConfig& own = file.config();
    const std::vector<std::string> blocks = use.blocks.empty() ? ownBlocks(own) : use.blocks;
    const ModelConfig config = withBlocks(own, blocks);
    MemoryNeed need;
    const WeightBytes bytes(file, use.form);
    for (const LayoutTensor& tensor : modelLayout(config)) {
        const int layer = layerOfTensor(tensor.name);
        const std::string block = layer < 0 ? std::string() : blocks.at(static_cast<std::size_t>(layer));
        if (layer >= 0 && ofMixer(tensor.name) && !known(block)) continue;
        need.weights += bytes(tensor, block);
        // The engine keeps mixers for LibTorch too, in bf16: a placement may be run by either.
        if (use.form == ComputeForm::native && ofMixer(tensor.name) && tensor.shape.size() == 2)
            need.weights += 2.0 * static_cast<double>(tensor.shape[0]) * static_cast<double>(tensor.shape[1]);
    }
    if (config.tied && use.form == ComputeForm::bf16) need.weights += 2.0 * config.vocab * config.hidden;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        need.state.push_back(blockMemory(own, static_cast<int>(i), blocks[i], use.form).bytes(use.context) * use.batch);
        need.states += need.state.back();
    }
    need.activations = activationBytes(own, blocks, use.batch, std::min(use.context, prompt_chunk));
    return need;
}

}  // namespace airframe

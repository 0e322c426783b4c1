// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/block_memory.h"

#include <algorithm>

namespace airframe {
namespace {

constexpr int conv_taps = 4;           // of the JetBlock's dynamic convolution

}  // namespace

std::map<std::string, int> usualDims(const ModelConfig& c, const std::string& block) {
    const int width = c.heads * c.head_dim;
    if (block == "jet") return {{"heads", c.heads}, {"k", c.head_dim}, {"v", c.head_dim}, {"generator", std::max(1, width / 8)}};
    if (block == "swa") return {{"window", std::max(1, width / std::max(1, c.kv_heads))}};
    return {};
}

std::map<std::string, int> blockDims(const ModelConfig& c, const std::string& block) {
    std::map<std::string, int> dims = usualDims(c, block);
    if (const auto own = c.block_dims.find(block); own != c.block_dims.end())
        for (const auto& [name, size] : own->second) dims[name] = size;
    return dims;
}

double BlockMemory::bytes(std::int64_t tokens) const {
    return fixed + per_token * static_cast<double>(window > 0 ? std::min<std::int64_t>(tokens, window) : tokens);
}

BlockMemory blockMemory(const ModelConfig& c, int layer, const std::string& block, ComputeForm form) {
    const double cached = form == ComputeForm::float32 ? 4 : 2, window_value = form == ComputeForm::bf16 ? 2 : 4;
    BlockMemory memory;
    if (block == "attn" || block == "swa") {
        memory.per_token = 2.0 * c.kv_heads * c.head_dim * cached;
        const auto at = static_cast<std::size_t>(layer);
        const bool own = at < c.layer.size() && c.layer[at].block == block;
        if (own) memory.window = c.layer[at].window;
        if (block == "swa" && memory.window == 0) memory.window = blockDims(c, block)["window"];
    } else if (block == "jet") {
        auto dims = blockDims(c, block);
        const double values = 1.0 * dims["heads"] * dims["v"];
        memory.fixed = values * dims["k"] * 4 + values * conv_taps * window_value;
    }
    return memory;
}

}  // namespace airframe

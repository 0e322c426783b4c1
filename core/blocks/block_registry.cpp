// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/block_registry.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/blocks/attention.h"
#include "core/blocks/attention_mixer.h"
#include "core/blocks/jet_block.h"
#include "core/blocks/jet_mixer.h"
#include "core/blocks/tensor_reader.h"
#include "core/formats/block_memory.h"

namespace airframe {
namespace {

using Dims = std::map<std::string, int>;

int dimension(const Dims& dims, const std::string& block, const std::string& name, const std::string& where) {
    const auto found = dims.find(name);
    if (found == dims.end() || found->second < 1)
        throw Failure(ErrorCode::bad_input, where,
                      "the configuration of block \"" + block + "\" has no valid \"" + name + "\"",
                      "export the model again");
    return found->second;
}

/// "attn" with the window of its layer, if it has one; "swa" with that of the block's dimensions.
std::unique_ptr<const Block> makeAttentionOf(const BlockSource& source, int window, const char* id) {
    const ModelConfig& c = source.file.config();
    const AttentionDims dims{c.hidden, c.heads, c.kv_heads, c.head_dim, window, c.query_scale, c.rms_eps};
    AttentionParameters parameters;
    const auto shapes = AttentionParameters::shapes(dims);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const auto& [name, member] = AttentionParameters::table()[i];
        const bool there = name.ends_with("_norm.weight") ? c.qk_norm
                           : name == "o_proj.bias"        ? c.o_bias
                           : name.ends_with(".bias")      ? c.qkv_bias
                                                          : true;
        if (there) parameters.*member = readTensor(source.file, source.prefix() + name, shapes[i]);
    }
    if (c.qk_norm && c.norm_plus_one) parameters.q_norm = parameters.q_norm + 1, parameters.k_norm = parameters.k_norm + 1;
    return std::make_unique<AttentionBlock>(dims, parameters, source.rotary, source.compute, source.prefix(), id);
}

std::unique_ptr<const Block> makeAttention(const BlockSource& source) {
    return makeAttentionOf(source, source.file.config().layer.at(static_cast<std::size_t>(source.layer)).window, "attn");
}

int slidingWindow(const Dims& dims, const std::string& where) { return dimension(dims, "swa", "window", where); }

std::unique_ptr<const Block> makeSliding(const BlockSource& source) {
    const auto& dims = source.file.config().block_dims;
    const auto found = dims.find("swa");
    return makeAttentionOf(source, slidingWindow(found == dims.end() ? Dims{} : found->second, source.file.path().string()), "swa");
}

JetDims jetDims(const ModelConfig& config, const Dims& dims, const std::string& where) {
    JetDims jet;
    jet.hidden = config.hidden;
    jet.heads = dimension(dims, "jet", "heads", where);
    jet.k = dimension(dims, "jet", "k", where);
    jet.v = dimension(dims, "jet", "v", where);
    jet.generator = dimension(dims, "jet", "generator", where);
    jet.norm_eps = config.jet_norm_eps;
    return jet;
}

std::unique_ptr<const Block> makeJet(const BlockSource& source) {
    const std::string where = source.file.path().string();
    const ModelConfig& config = source.file.config();
    const auto found = config.block_dims.find("jet");
    JetParameters parameters;
    for (const auto& [name, member] : JetParameters::table())
        parameters.*member = readTensor(source.file, source.prefix() + name);
    return std::make_unique<JetBlock>(jetDims(config, found == config.block_dims.end() ? Dims{} : found->second, where),
                                      std::move(parameters), source.compute, where + ", " + source.prefix());
}

std::vector<BlockType> makeTable() {
    BlockType attn;
    attn.id = "attn";
    attn.label = "Full attention";
    attn.full_attention = true;
    attn.make = makeAttention;
    attn.make_native = makeNativeAttention;
    attn.default_dims = [](const ModelConfig&) { return Dims{}; };
    attn.state_bytes = [](const ModelConfig& c, const Dims&, at::ScalarType type, std::int64_t batch,
                          std::int64_t tokens) {
        return 2 * batch * tokens * c.kv_heads * c.head_dim * static_cast<std::int64_t>(c10::elementSize(type));
    };

    BlockType swa;
    swa.id = "swa";
    swa.label = "Sliding-window attention";
    swa.dims = {{"window", 64, 8192, "keys that a query sees"}};
    swa.make = makeSliding;
    swa.make_native = makeNativeAttention;
    swa.default_dims = [](const ModelConfig& c) { return usualDims(c, "swa"); };
    swa.state_bytes = [](const ModelConfig& c, const Dims& dims, at::ScalarType type, std::int64_t batch, std::int64_t tokens) {
        return 2 * batch * std::min<std::int64_t>(tokens, slidingWindow(dims, "swa")) * c.kv_heads * c.head_dim *
               static_cast<std::int64_t>(c10::elementSize(type));
    };

    BlockType jet;
    jet.id = "jet";
    jet.label = "JetBlock";
    jet.dims = {{"heads", 1, 64, "heads of queries, keys and values"},
                {"k", 16, 256, "size of a head's key"},
                {"v", 16, 512, "size of a head's value"},
                {"generator", 8, 1024, "width of the kernel generator"}};
    jet.make = makeJet;
    jet.make_native = makeNativeJet;
    jet.default_dims = [](const ModelConfig& c) { return usualDims(c, "jet"); };
    jet.state_bytes = [](const ModelConfig& c, const Dims& dims, at::ScalarType type, std::int64_t batch,
                         std::int64_t) {
        const JetDims jet = jetDims(c, dims, "jet");
        const std::int64_t recurrent =
            std::int64_t{jet.heads} * jet.k * jet.v * 4;  // float32 whatever the compute type
        const std::int64_t window =
            std::int64_t{jet.valueDim()} * 4 * static_cast<std::int64_t>(c10::elementSize(type));
        return batch * (recurrent + window);
    };
    return {std::move(attn), std::move(swa), std::move(jet)};
}

}  // namespace

std::string BlockSource::prefix() const {
    return "model.layers." + std::to_string(layer) + ".self_attn.";
}

const std::vector<BlockType>& blockTable() {
    static const std::vector<BlockType> table = makeTable();
    return table;
}

const BlockType& findBlock(const std::string& id) {
    std::string known;
    for (const BlockType& type : blockTable()) {
        if (type.id == id) return type;
        known += (known.empty() ? "" : ", ") + type.id;
    }
    throw Failure(ErrorCode::bad_input, "block " + id, "there is no such block", "use one of " + known);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/block_registry.h"

#include "core/base/error.h"
#include "core/blocks/attention.h"
#include "core/blocks/attention_mixer.h"
#include "core/blocks/jet_block.h"
#include "core/blocks/jet_mixer.h"
#include "core/blocks/tensor_reader.h"

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

std::unique_ptr<const Block> makeAttention(const BlockSource& source) {
    const ModelConfig& c = source.file.config();
    const AttentionDims dims{c.hidden, c.heads, c.kv_heads, c.head_dim};
    const auto read = [&](const char* name, std::int64_t rows, std::int64_t columns) {
        return readTensor(source.file, source.prefix() + name, {rows, columns});
    };
    const AttentionParameters parameters{
        read("q_proj.weight", dims.queryDim(), dims.hidden), read("k_proj.weight", dims.keyDim(), dims.hidden),
        read("v_proj.weight", dims.keyDim(), dims.hidden), read("o_proj.weight", dims.hidden, dims.queryDim())};
    return std::make_unique<AttentionBlock>(dims, parameters, source.rotary, source.compute, source.prefix());
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

    BlockType jet;
    jet.id = "jet";
    jet.label = "JetBlock";
    jet.dims = {{"heads", 1, 64, "heads of queries, keys and values"},
                {"k", 16, 256, "size of a head's key"},
                {"v", 16, 512, "size of a head's value"},
                {"generator", 8, 1024, "width of the kernel generator"}};
    jet.make = makeJet;
    jet.make_native = makeNativeJet;
    jet.default_dims = [](const ModelConfig& c) {
        // As many heads as queries of the teacher's size, and the released ratio of the generator: H*V/8.
        return Dims{{"heads", c.heads}, {"k", c.head_dim}, {"v", c.head_dim}, {"generator", c.heads * c.head_dim / 8}};
    };
    jet.state_bytes = [](const ModelConfig& c, const Dims& dims, at::ScalarType type, std::int64_t batch,
                         std::int64_t) {
        const JetDims jet = jetDims(c, dims, "jet");
        const std::int64_t recurrent =
            std::int64_t{jet.heads} * jet.k * jet.v * 4;  // float32 whatever the compute type
        const std::int64_t window =
            std::int64_t{jet.valueDim()} * 4 * static_cast<std::int64_t>(c10::elementSize(type));
        return batch * (recurrent + window);
    };
    return {std::move(attn), std::move(jet)};
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/attention_mixer.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/blocks/attention.h"
#include "core/blocks/native_weight.h"
#include "core/blocks/random_fill.h"
#include "core/blocks/tensor_reader.h"
#include "kernels/layer/attention_layer.h"

namespace airframe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

class Memory final : public NativeMemory {
  public:
    /// `window` 0 = everything is kept.
    Memory(std::int64_t heads, std::int64_t d, std::int64_t window, std::int64_t slots) : m_heads(heads), m_d(d), m_window(window) { reserve(slots); }
    std::int64_t bytes() const override { return static_cast<std::int64_t>((cache.keys.size() + cache.values.size()) * sizeof(kernels::Bf16)); }
    void fillRandom(std::int64_t tokens, std::uint64_t seed) override {
        // What was filled before is still there unless a ring turned, because a step only adds: measuring again costs nothing.
        if (m_window > 0 || m_random_tokens != tokens || m_random_seed != seed) {
            reserve(tokens);
            const auto bf16 = at::TensorOptions().dtype(at::kBFloat16);
            randomFill(at::from_blob(cache.keys.data(), {static_cast<std::int64_t>(cache.keys.size())}, bf16), 2 * seed);
            randomFill(at::from_blob(cache.values.data(), {static_cast<std::int64_t>(cache.values.size())}, bf16), 2 * seed + 1);
            m_random_tokens = tokens;
            m_random_seed = seed;
        }
        cache.length = size(tokens);
    }

    kernels::AttentionCache cache;

  private:
    void reserve(std::int64_t tokens) {
        const std::int64_t slots = m_window > 0 ? std::min(tokens, m_window) : tokens;
        if (size(slots) <= cache.slots) return;
        cache.slots = size(slots);
        for (auto* array : {&cache.keys, &cache.values}) array->resize(size(m_heads * slots * m_d));
    }
    std::int64_t m_heads, m_d, m_window, m_random_tokens = -1;
    std::uint64_t m_random_seed = 0;
};

class NativeAttention final : public NativeMixer {
  public:
    explicit NativeAttention(kernels::AttentionLayer layer) : m_layer(std::move(layer)) {}
    std::unique_ptr<NativeMemory> emptyMemory(std::int64_t batch, std::int64_t capacity) const override {
        return std::make_unique<Memory>(batch * static_cast<std::int64_t>(m_layer.groups), m_layer.head_dim, window(), std::max<std::int64_t>(1, capacity));
    }
    std::int64_t memoryBytes(std::int64_t batch, std::int64_t tokens) const override {
        const std::int64_t kept = window() > 0 ? std::min(tokens, window()) : tokens;
        return 2 * batch * kept * static_cast<std::int64_t>(m_layer.groups * m_layer.head_dim * sizeof(kernels::Bf16));
    }
    void prepare(kernels::LayerRows& rows, NativeMemory& memory, std::size_t threads) const override {
        m_layer.prepare(rows, static_cast<Memory&>(memory).cache, threads);
    }
    void run(const kernels::Team& team, kernels::LayerRows& rows, NativeMemory& memory, const NativePositions& positions) const override {
        m_layer.run(team, rows, static_cast<Memory&>(memory).cache, positions.cosine, positions.sine);
    }
    void finish(NativeMemory& memory, std::int64_t tokens) const override { static_cast<Memory&>(memory).cache.length += size(tokens); }

  private:
    [[nodiscard]] std::int64_t window() const { return static_cast<std::int64_t>(m_layer.window); }
    kernels::AttentionLayer m_layer;
};

}  // namespace

std::unique_ptr<const NativeMixer> makeNativeAttention(NativeSource source) {
    const auto& block = dynamic_cast<const AttentionBlock&>(source.block);
    const AttentionDims& dims = block.dims();
    const ModelConfig& config = source.file.config();
    if (dims.head_dim % 2 || dims.head_dim > 256)
        throw Failure(ErrorCode::bad_input, "layer " + std::to_string(source.layer),
                      "heads of " + std::to_string(dims.head_dim) + " elements; the native attention takes even sizes up to 256",
                      "use --compute bf16");
    kernels::AttentionLayer layer;
    layer.norm = std::move(source.norm);
    layer.eps = static_cast<float>(config.rms_eps);
    layer.heads = size(dims.heads);
    layer.groups = size(dims.kv_heads);
    layer.head_dim = size(dims.head_dim);
    const std::string prefix = "model.layers." + std::to_string(source.layer) + ".self_attn.";
    if (source.own) {
        layer.qkv = packStored(source.file, {prefix + "q_proj.weight", prefix + "k_proj.weight", prefix + "v_proj.weight"}, dims.hidden);
        layer.o = packStored(source.file, {prefix + "o_proj.weight"}, dims.queryDim());
    } else {
        layer.qkv = packTensor(at::cat({block.qProj(), block.kProj(), block.vProj()}), source.type);
        layer.o = packTensor(block.oProj(), source.type);
    }
    // Added in float32, hence as the file has them, not as the block rounded them.
    for (const auto& [name, value] : block.parameters()) {
        if (!name.ends_with(".bias") || name == "o_proj.bias") continue;
        const auto part = valuesOf(source.own ? readTensor(source.file, prefix + name) : value);
        layer.bias.insert(layer.bias.end(), part.begin(), part.end());
    }
    if (block.qNorm().defined()) layer.q_norm = valuesOf(block.qNorm()), layer.k_norm = valuesOf(block.kNorm());
    layer.window = size(dims.window);
    layer.scale = static_cast<float>(dims.scale);
    return std::make_unique<NativeAttention>(std::move(layer));
}

}  // namespace airframe

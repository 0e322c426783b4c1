// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/jet_mixer.h"

#include <ATen/ATen.h>

#include "core/blocks/jet_block.h"
#include "core/blocks/native_weight.h"
#include "core/blocks/random_fill.h"
#include "kernels/layer/jet_layer.h"

namespace airframe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

class Memory final : public NativeMemory {
  public:
    Memory(std::size_t state, std::size_t window) { jet.state.resize(state), jet.window.resize(window); }
    std::int64_t bytes() const override { return static_cast<std::int64_t>((jet.state.size() + jet.window.size()) * sizeof(float)); }
    void fillRandom(std::int64_t, std::uint64_t seed) override {
        const at::Tensor state = at::from_blob(jet.state.data(), {static_cast<std::int64_t>(jet.state.size())});
        randomFill(state, 2 * seed);
        state.mul_(0.1);
        randomFill(at::from_blob(jet.window.data(), {static_cast<std::int64_t>(jet.window.size())}), 2 * seed + 1);
    }
    kernels::JetMemory jet;
};

class NativeJet final : public NativeMixer {
  public:
    explicit NativeJet(kernels::JetLayer layer) : m_layer(std::move(layer)) {}
    std::unique_ptr<NativeMemory> emptyMemory(std::int64_t batch, std::int64_t) const override {
        return std::make_unique<Memory>(size(batch) * stateSize(), size(batch) * windowSize());
    }
    std::int64_t memoryBytes(std::int64_t batch, std::int64_t) const override {
        return batch * static_cast<std::int64_t>((stateSize() + windowSize()) * sizeof(float));
    }
    void prepare(kernels::LayerRows& rows, NativeMemory& memory, std::size_t threads) const override {
        m_layer.prepare(rows, static_cast<Memory&>(memory).jet, threads);
    }
    void run(const kernels::Team& team, kernels::LayerRows& rows, NativeMemory& memory, const NativePositions&) const override {
        m_layer.run(team, rows, static_cast<Memory&>(memory).jet);
    }
    void finish(NativeMemory&, std::int64_t) const override {}

  private:
    [[nodiscard]] std::size_t stateSize() const { return m_layer.heads * m_layer.k * m_layer.v; }
    [[nodiscard]] std::size_t windowSize() const { return m_layer.heads * m_layer.v * 4; }
    kernels::JetLayer m_layer;
};

}  // namespace

std::unique_ptr<const NativeMixer> makeNativeJet(NativeSource source) {
    const auto& block = dynamic_cast<const JetBlock&>(source.block);
    const JetDims& dims = block.dims();
    JetParameters p = block.unpacked();
    // A generator whose width is no whole number of blocks gets channels that are always zero: silu(0) = 0.
    const std::int64_t block_size = kernels::weight_block, generator = (dims.generator + block_size - 1) / block_size * block_size;
    p.w1 = at::constant_pad_nd(p.w1, {0, 0, 0, generator - dims.generator});
    p.w2 = at::constant_pad_nd(p.w2, {0, generator - dims.generator});
    kernels::JetLayer layer;
    layer.norm = std::move(source.norm);
    layer.eps = static_cast<float>(source.file.config().rms_eps);
    layer.heads = size(dims.heads);
    layer.k = size(dims.k);
    layer.v = size(dims.v);
    layer.generator = size(generator);
    layer.norm_eps = static_cast<float>(dims.norm_eps);
    layer.inputs = packTensor(p.fusedInputs(), source.type);
    layer.w2 = packTensor(p.w2, source.type);
    layer.w2_bias = valuesOf(p.w2_bias);
    layer.a_log = valuesOf(p.A_log);
    layer.dt_bias = valuesOf(p.dt_bias);
    layer.o_norm = valuesOf(p.o_norm);
    layer.o = packTensor(p.o_proj, source.type);
    return std::make_unique<NativeJet>(std::move(layer));
}

}  // namespace airframe

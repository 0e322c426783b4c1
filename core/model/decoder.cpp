// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decoder.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "core/model/native_model.h"
#include "core/supernet/supernet.h"

namespace airframe {
namespace {

class TorchDecoder final : public Decoder {
  public:
    TorchDecoder(const Supernet& net, const Placement& placement) : m_net(net), m_placement(placement) { net.check(placement); }
    void start(std::int64_t batch, std::int64_t capacity) override {
        m_state = SequenceState();  // frees the last one first
        m_state = m_net.emptyState(m_placement, batch, capacity);
    }
    std::span<const float> feed(std::span<const std::int32_t> ids) override {
        const c10::InferenceMode inference;
        const std::int64_t tokens = static_cast<std::int64_t>(ids.size()) / m_state.batch();
        const at::Tensor input = at::from_blob(const_cast<std::int32_t*>(ids.data()), {m_state.batch(), tokens}, at::kInt).to(at::kLong);
        const at::Tensor h = m_net.forward(input, m_placement, &m_state);
        m_logits = m_net.model().logits(h.narrow(1, tokens - 1, 1)).cpu().contiguous();
        return {m_logits.const_data_ptr<float>(), static_cast<std::size_t>(m_logits.numel())};
    }
    void fillRandom(std::int64_t tokens, std::uint64_t seed) override {
        const c10::InferenceMode inference;
        m_state.fillRandom(tokens, seed);
    }
    std::int64_t stateBytes() const override { return m_state.bytes(); }
    std::int64_t cacheBytes(std::int64_t batch, std::int64_t tokens) const override { return m_net.cacheBytes(m_placement, batch, tokens); }

  private:
    const Supernet& m_net;
    Placement m_placement;
    SequenceState m_state;
    at::Tensor m_logits;
};

class NativeDecoder final : public Decoder {
  public:
    NativeDecoder(const Supernet& net, const Placement& placement) : m_model(net.native()), m_placement(placement) { net.check(placement); }
    void start(std::int64_t batch, std::int64_t capacity) override {
        m_sequence = NativeSequence();  // frees the last one first
        m_sequence = m_model.start(m_placement, batch, capacity);
    }
    std::span<const float> feed(std::span<const std::int32_t> ids) override {
        return m_model.step(m_sequence, ids, static_cast<std::size_t>(at::get_num_threads()));
    }
    void fillRandom(std::int64_t tokens, std::uint64_t seed) override { m_sequence.fillRandom(tokens, seed); }
    std::int64_t stateBytes() const override { return m_sequence.bytes(); }
    std::int64_t cacheBytes(std::int64_t batch, std::int64_t tokens) const override { return m_model.memoryBytes(m_placement, batch, tokens); }

  private:
    const NativeModel& m_model;
    Placement m_placement;
    NativeSequence m_sequence;
};

}  // namespace

std::unique_ptr<Decoder> makeDecoder(const Supernet& supernet, const Placement& placement) {
    if (supernet.model().compute().native) return std::make_unique<NativeDecoder>(supernet, placement);
    return std::make_unique<TorchDecoder>(supernet, placement);
}

}  // namespace airframe

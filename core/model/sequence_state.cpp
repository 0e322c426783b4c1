// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/sequence_state.h"

#include "core/blocks/counter_random.h"

namespace airframe {

std::int64_t SequenceState::bytes() const {
    std::int64_t sum = 0;
    for (const auto& layer : m_layers) sum += layer->bytes();
    return sum;
}

SequenceState SequenceState::snapshot() const {
    std::vector<std::unique_ptr<BlockState>> layers;
    layers.reserve(m_layers.size());
    for (const auto& layer : m_layers) layers.push_back(layer->clone());
    return SequenceState(std::move(layers), m_batch);
}

void SequenceState::fillRandom(std::int64_t tokens, std::uint64_t seed) {
    std::uint64_t index = 0;
    for (const auto& layer : m_layers) layer->fillRandom(tokens, counterRandom(seed, index++));
}

}  // namespace airframe

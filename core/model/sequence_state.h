// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/blocks/block.h"

namespace airframe {

/// Everything that B sequences of equal length carry between forward calls, one BlockState per layer.
/// Owned by the caller; not shared between threads.
class SequenceState {
  public:
    SequenceState() = default;
    SequenceState(std::vector<std::unique_ptr<BlockState>> layers, std::int64_t batch)
        : m_layers(std::move(layers)), m_batch(batch) {}
    [[nodiscard]] BlockState* layer(int i) { return m_layers[static_cast<std::size_t>(i)].get(); }
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] std::int64_t batch() const { return m_batch; }
    [[nodiscard]] SequenceState snapshot() const;  ///< deep copy
    void fillRandom(std::int64_t tokens, std::uint64_t seed);

  private:
    std::vector<std::unique_ptr<BlockState>> m_layers;
    std::int64_t m_batch = 0;
};

}  // namespace airframe

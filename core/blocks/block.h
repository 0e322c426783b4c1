// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace airframe {

/// What one token mixer remembers of a sequence batch: keys and values, or a recurrent state and a convolution window.
/// Owned by the caller's SequenceState; changed only by Block::forward of the block that made it.
class BlockState {
  public:
    virtual ~BlockState() = default;
    [[nodiscard]] virtual std::int64_t bytes() const = 0;  ///< held now, capacity included
    [[nodiscard]] virtual std::unique_ptr<BlockState> clone() const = 0;  ///< a deep copy (a snapshot)
    /// Makes the state look as after `tokens` tokens with random content: for measuring decode without a prefill.
    virtual void fillRandom(std::int64_t tokens, std::uint64_t seed) = 0;
};

/// Weights of one token mixer. Const after building; forward may run from several threads on different states.
class Block {
  public:
    virtual ~Block() = default;
    [[nodiscard]] virtual const char* id() const = 0;  ///< the published layer_types word: "attn", "jet"
    /// x [B, T, D], the normed input of the layer -> y [B, T, D], after the output projection, before the residual.
    /// With a state, the T tokens continue the sequence and the state is updated; without, they start one.
    /// Decode is T = 1. Throws Failure if a state of another block or batch is passed.
    [[nodiscard]] virtual at::Tensor forward(const at::Tensor& x, BlockState* state) const = 0;
    /// State of `batch` empty sequences; `capacity` is a hint in tokens for growing caches.
    [[nodiscard]] virtual std::unique_ptr<BlockState> emptyState(std::int64_t batch, std::int64_t capacity) const = 0;
    /// Bytes of the state after `tokens` tokens, from the dimensions alone.
    [[nodiscard]] virtual std::int64_t stateBytes(std::int64_t batch, std::int64_t tokens) const = 0;
    /// Published tensor names (below "model.layers.N.self_attn.") and values.
    [[nodiscard]] virtual std::vector<std::pair<std::string, at::Tensor>> parameters() const = 0;
};

}  // namespace airframe

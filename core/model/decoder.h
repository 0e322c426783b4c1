// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/study/placement.h"

namespace airframe {

class Supernet;

/// One placement of a supernet, fed token by token or by chunks: what writes text and what is timed. One thread at a time.
class Decoder {
  public:
    virtual ~Decoder() = default;
    /// Forgets everything: `batch` empty sequences with room for `capacity` tokens.
    virtual void start(std::int64_t batch, std::int64_t capacity) = 0;
    /// T more tokens of each sequence, ids [B, T] inside the vocabulary; the logits of the last of each, [B, vocab] float32,
    /// valid until the next call.
    virtual std::span<const float> feed(std::span<const std::int32_t> ids) = 0;
    /// Makes the sequences look as after `tokens` tokens with random content.
    virtual void fillRandom(std::int64_t tokens, std::uint64_t seed) = 0;
    [[nodiscard]] virtual std::int64_t stateBytes() const = 0;  ///< held now, capacity included
    /// Bytes of state after `tokens` tokens, from the dimensions alone.
    [[nodiscard]] virtual std::int64_t cacheBytes(std::int64_t batch, std::int64_t tokens) const = 0;
};

/// The decoder that the model's compute type asks for: fused kernels for "native", else LibTorch. `supernet` must outlive
/// it. Throws Failure(bad_input) for a placement that is not there.
[[nodiscard]] std::unique_ptr<Decoder> makeDecoder(const Supernet& supernet, const Placement& placement);

}  // namespace airframe

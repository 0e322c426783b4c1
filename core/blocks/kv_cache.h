// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>

#include "core/blocks/block.h"
#include "core/blocks/compute.h"

namespace airframe {

/// Keys and values of one attention layer for B sequences of equal length: two buffers [B, kv_heads, capacity,
/// head_dim] in the compute type, filled from the front and grown by doubling. With a window of W tokens they never hold more
/// than the last W: position p lies in row p mod W. One thread at a time.
class KvCache final : public BlockState {
  public:
    /// What attention of tokens just added reads, [B, kv_heads, .., head_dim] each.
    struct View {
        at::Tensor keys, values;
        /// These are exactly the keys that the one new token sees, in no order: nothing is to be masked. Otherwise in order
        /// of position, the new tokens' own last.
        bool ring = false;
    };

    /// `window` 0 = everything is kept.
    KvCache(std::int64_t batch, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t capacity, std::int64_t window,
            const Compute& compute);
    [[nodiscard]] std::int64_t bytes() const override;
    [[nodiscard]] std::unique_ptr<BlockState> clone() const override;
    void fillRandom(std::int64_t tokens, std::uint64_t seed) override;

    /// Adds keys and values [B, kv_heads, T, head_dim] after those held. The view is valid until the next call.
    View append(const at::Tensor& keys, const at::Tensor& values);
    [[nodiscard]] std::int64_t length() const { return m_length; }  ///< tokens of the sequence so far, kept or not
    [[nodiscard]] std::int64_t batch() const { return m_batch; }
    /// A view [B, kv_heads, held, head_dim] of the rows in use, as they lie.
    [[nodiscard]] at::Tensor keys() const { return m_keys.narrow(2, 0, held()); }
    [[nodiscard]] at::Tensor values() const { return m_values.narrow(2, 0, held()); }  ///< the same of the values

  private:
    [[nodiscard]] std::int64_t held() const { return m_window > 0 ? std::min(m_length, m_window) : m_length; }
    [[nodiscard]] std::int64_t room(std::int64_t tokens) const { return m_window > 0 ? std::min(tokens, m_window) : tokens; }
    [[nodiscard]] at::Tensor last(const at::Tensor& buffer, std::int64_t count) const;
    void reserve(std::int64_t tokens);
    void write(const at::Tensor& keys, const at::Tensor& values);
    [[nodiscard]] at::Tensor buffer(std::int64_t capacity) const;

    std::int64_t m_batch, m_kv_heads, m_head_dim, m_window;
    Compute m_compute;
    at::Tensor m_keys, m_values;
    std::int64_t m_length = 0;
    std::int64_t m_random_tokens = -1;  // content that fillRandom made; -1 = none
    std::uint64_t m_random_seed = 0;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "core/blocks/block.h"
#include "core/blocks/compute.h"

namespace airframe {

/// Keys and values of one attention layer for B sequences of equal length: two buffers [B, kv_heads, capacity,
/// head_dim] in the compute type, filled from the front and grown by doubling. One thread at a time.
class KvCache final : public BlockState {
  public:
    KvCache(std::int64_t batch, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t capacity,
            const Compute& compute);
    [[nodiscard]] std::int64_t bytes() const override;
    [[nodiscard]] std::unique_ptr<BlockState> clone() const override;
    void fillRandom(std::int64_t tokens, std::uint64_t seed) override;

    /// Adds keys and values [B, kv_heads, T, head_dim] after those held.
    void append(const at::Tensor& keys, const at::Tensor& values);
    [[nodiscard]] std::int64_t length() const { return m_length; }
    [[nodiscard]] std::int64_t batch() const { return m_batch; }
    [[nodiscard]] at::Tensor keys() const {
        return m_keys.narrow(2, 0, m_length);
    }  ///< a view [B, kv_heads, length, head_dim]
    [[nodiscard]] at::Tensor values() const { return m_values.narrow(2, 0, m_length); }  ///< the same of the values

  private:
    void reserve(std::int64_t tokens);
    [[nodiscard]] at::Tensor buffer(std::int64_t capacity) const;

    std::int64_t m_batch, m_kv_heads, m_head_dim;
    Compute m_compute;
    at::Tensor m_keys, m_values;
    std::int64_t m_length = 0;
    std::int64_t m_random_tokens = -1;  // content that fillRandom made; -1 = none
    std::uint64_t m_random_seed = 0;
};

}  // namespace airframe

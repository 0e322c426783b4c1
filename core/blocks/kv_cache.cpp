// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/kv_cache.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/blocks/random_fill.h"

namespace airframe {

KvCache::KvCache(std::int64_t batch, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t capacity,
                 const Compute& compute)
    : m_batch(batch), m_kv_heads(kv_heads), m_head_dim(head_dim), m_compute(compute) {
    m_keys = buffer(std::max<std::int64_t>(capacity, 1));
    m_values = buffer(std::max<std::int64_t>(capacity, 1));
}

at::Tensor KvCache::buffer(std::int64_t capacity) const {
    return at::empty({m_batch, m_kv_heads, capacity, m_head_dim},
                     at::TensorOptions().dtype(m_compute.dtype).device(m_compute.device));
}

std::int64_t KvCache::bytes() const {
    return static_cast<std::int64_t>(m_keys.nbytes() + m_values.nbytes());
}

void KvCache::reserve(std::int64_t tokens) {
    if (tokens <= m_keys.size(2)) return;
    const std::int64_t capacity = std::max(tokens, 2 * m_keys.size(2));
    for (at::Tensor* held : {&m_keys, &m_values}) {
        at::Tensor larger = buffer(capacity);
        larger.narrow(2, 0, m_length).copy_(held->narrow(2, 0, m_length));
        *held = std::move(larger);
    }
}

void KvCache::append(const at::Tensor& keys, const at::Tensor& values) {
    const std::int64_t tokens = keys.size(2);
    reserve(m_length + tokens);
    m_keys.narrow(2, m_length, tokens).copy_(keys);
    m_values.narrow(2, m_length, tokens).copy_(values);
    m_length += tokens;
}

std::unique_ptr<BlockState> KvCache::clone() const {
    auto copy = std::make_unique<KvCache>(m_batch, m_kv_heads, m_head_dim, m_keys.size(2), m_compute);
    copy->append(keys(), values());
    return copy;
}

void KvCache::fillRandom(std::int64_t tokens, std::uint64_t seed) {
    // What was filled before is still there, because append() only adds: measuring again costs nothing.
    if (m_random_tokens != tokens || m_random_seed != seed) {
        m_length = 0;
        reserve(tokens);
        // The buffers as a whole: what lies behind `tokens` is never read.
        randomFill(m_keys, seed * 2);
        randomFill(m_values, seed * 2 + 1);
        m_random_tokens = tokens;
        m_random_seed = seed;
    }
    m_length = tokens;
}

}  // namespace airframe

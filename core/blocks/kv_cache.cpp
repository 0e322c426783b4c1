// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/kv_cache.h"

#include <ATen/ATen.h>

#include "core/blocks/random_fill.h"

namespace airframe {

KvCache::KvCache(std::int64_t batch, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t capacity,
                 std::int64_t window, const Compute& compute)
    : m_batch(batch), m_kv_heads(kv_heads), m_head_dim(head_dim), m_window(window), m_compute(compute) {
    m_keys = buffer(room(std::max<std::int64_t>(capacity, 1)));
    m_values = buffer(room(std::max<std::int64_t>(capacity, 1)));
}

at::Tensor KvCache::buffer(std::int64_t capacity) const {
    return at::empty({m_batch, m_kv_heads, capacity, m_head_dim},
                     at::TensorOptions().dtype(m_compute.dtype).device(m_compute.device));
}

std::int64_t KvCache::bytes() const {
    return static_cast<std::int64_t>(m_keys.nbytes() + m_values.nbytes());
}

/// A ring is full before it turns, so rows in use are always the first ones when the buffers grow.
void KvCache::reserve(std::int64_t tokens) {
    if (tokens <= m_keys.size(2)) return;
    const std::int64_t capacity = room(std::max(tokens, 2 * m_keys.size(2)));
    for (at::Tensor* held_rows : {&m_keys, &m_values}) {
        at::Tensor larger = buffer(capacity);
        larger.narrow(2, 0, held()).copy_(held_rows->narrow(2, 0, held()));
        *held_rows = std::move(larger);
    }
}

/// Rows of the last `count` positions, in order.
at::Tensor KvCache::last(const at::Tensor& buffer, std::int64_t count) const {
    if (m_length <= held()) return buffer.narrow(2, m_length - count, count);
    const std::int64_t first = (m_length - count) % m_window, straight = std::min(count, m_window - first);
    return at::cat({buffer.narrow(2, first, straight), buffer.narrow(2, 0, count - straight)}, 2);
}

/// Puts the last T positions, T at most the rows there are, where they belong. m_length counts them already.
void KvCache::write(const at::Tensor& keys, const at::Tensor& values) {
    const std::int64_t tokens = keys.size(2), rows = m_keys.size(2), position = m_length - tokens;
    const std::int64_t first = m_window > 0 ? position % m_window : position, straight = std::min(tokens, rows - first);
    for (const auto& [to, from] : {std::pair(m_keys, keys), std::pair(m_values, values)}) {
        to.narrow(2, first, straight).copy_(from.narrow(2, 0, straight));
        if (straight < tokens) to.narrow(2, 0, tokens - straight).copy_(from.narrow(2, straight, tokens - straight));
    }
}

KvCache::View KvCache::append(const at::Tensor& keys, const at::Tensor& values) {
    const std::int64_t tokens = keys.size(2), total = m_length + tokens;
    reserve(room(total));
    if (m_window == 0 || total <= m_window || tokens == 1) {
        m_length = total;
        write(keys, values);
        return {this->keys(), this->values(), m_window > 0 && total > m_window};
    }
    // The first of the new tokens still sees keys whose rows the last ones take.
    const std::int64_t before = std::min(m_length, m_window - 1);
    const View all{at::cat({last(m_keys, before), keys}, 2), at::cat({last(m_values, before), values}, 2)};
    m_length = total;
    const std::int64_t rest = all.keys.size(2) - m_window;
    write(all.keys.narrow(2, rest, m_window), all.values.narrow(2, rest, m_window));
    return all;
}

std::unique_ptr<BlockState> KvCache::clone() const {
    auto copy = std::make_unique<KvCache>(m_batch, m_kv_heads, m_head_dim, m_keys.size(2), m_window, m_compute);
    copy->m_length = m_length;
    copy->keys().copy_(keys());
    copy->values().copy_(values());
    return copy;
}

void KvCache::fillRandom(std::int64_t tokens, std::uint64_t seed) {
    // What was filled before is still there unless a ring turned, because append() only adds: measuring again costs nothing.
    if (m_window > 0 || m_random_tokens != tokens || m_random_seed != seed) {
        m_length = 0;
        reserve(room(tokens));
        // The buffers as a whole: what lies behind `tokens` is never read.
        randomFill(m_keys, seed * 2);
        randomFill(m_values, seed * 2 + 1);
        m_random_tokens = tokens;
        m_random_seed = seed;
    }
    m_length = tokens;
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/decode_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "core/blocks/host_vector.h"

namespace airframe {
namespace {

constexpr std::int64_t lanes = 16;
/// Keys handled by one task; fixed, so that sums do not depend on the number of threads.
constexpr std::int64_t segment = 512;

/// scores[i][j] = q[i] . k[j] for N queries [N, d] and `keys` keys of d elements each, one after the other.
template <int N, class T>
AIRFRAME_INLINE void scoreRows(const float* q, const T* k, std::int64_t keys, std::int64_t d, float* scores,
                               std::int64_t score_stride) {
    for (std::int64_t j = 0; j < keys; ++j, k += d) {
        Float16Lanes sum[N] = {};
        for (std::int64_t c = 0; c < d; c += lanes) {
            Float16Lanes key;
            loadLanes(key, k + c);
            for (int i = 0; i < N; ++i) {
                Float16Lanes query;
                loadLanes(query, q + i * d + c);
                sum[i] += query * key;
            }
        }
        for (int i = 0; i < N; ++i) scores[i * score_stride + j] = sumLanes(sum[i]);
    }
}

/// out[i] = sum over j of p[i][j] v[j] for N queries; 64 elements of d at a time stay in registers.
template <int N, class T>
AIRFRAME_INLINE void mixRows(const float* p, std::int64_t p_stride, const T* v, std::int64_t keys, std::int64_t d,
                             float* out) {
    constexpr int tile = 4;
    for (std::int64_t c = 0; c < d; c += tile * lanes) {
        const int parts = static_cast<int>(std::min<std::int64_t>(tile, (d - c) / lanes));
        Float16Lanes sum[N][tile] = {};
        const auto add = [&](int count) __attribute__((always_inline)) {
            for (std::int64_t j = 0; j < keys; ++j)
                for (int t = 0; t < count; ++t) {
                    Float16Lanes value;
                    loadLanes(value, v + j * d + c + t * lanes);
                    for (int i = 0; i < N; ++i) sum[i][t] += p[i * p_stride + j] * value;
                }
        };
        if (parts == tile)
            add(tile);
        else
            add(parts);
        for (int i = 0; i < N; ++i)
            for (int t = 0; t < parts; ++t) std::memcpy(out + i * d + c + t * lanes, &sum[i][t], sizeof(Float16Lanes));
    }
}

template <class T>
AIRFRAME_INLINE void scoreAny(int n, const float* q, const T* k, std::int64_t keys, std::int64_t d, float* scores,
                              std::int64_t stride) {
    for (; n >= 4; n -= 4, q += 4 * d, scores += 4 * stride) scoreRows<4>(q, k, keys, d, scores, stride);
    if (n == 3) scoreRows<3>(q, k, keys, d, scores, stride);
    if (n == 2) scoreRows<2>(q, k, keys, d, scores, stride);
    if (n == 1) scoreRows<1>(q, k, keys, d, scores, stride);
}

template <class T>
AIRFRAME_INLINE void mixAny(int n, const float* p, std::int64_t stride, const T* v, std::int64_t keys, std::int64_t d,
                            float* out) {
    for (; n >= 4; n -= 4, p += 4 * stride, out += 4 * d) mixRows<4>(p, stride, v, keys, d, out);
    if (n == 3) mixRows<3>(p, stride, v, keys, d, out);
    if (n == 2) mixRows<2>(p, stride, v, keys, d, out);
    if (n == 1) mixRows<1>(p, stride, v, keys, d, out);
}

// The names differ because a function built for several targets can be neither a template nor an overload's instance.
AIRFRAME_WIDE void scoreFloat(int n, const float* q, const float* k, std::int64_t keys, std::int64_t d, float* s,
                              std::int64_t stride) {
    scoreAny(n, q, k, keys, d, s, stride);
}
AIRFRAME_WIDE void scoreBf16(int n, const float* q, const c10::BFloat16* k, std::int64_t keys, std::int64_t d, float* s,
                             std::int64_t stride) {
    scoreAny(n, q, k, keys, d, s, stride);
}
AIRFRAME_WIDE void mixFloat(int n, const float* p, std::int64_t stride, const float* v, std::int64_t keys,
                            std::int64_t d, float* out) {
    mixAny(n, p, stride, v, keys, d, out);
}
AIRFRAME_WIDE void mixBf16(int n, const float* p, std::int64_t stride, const c10::BFloat16* v, std::int64_t keys,
                           std::int64_t d, float* out) {
    mixAny(n, p, stride, v, keys, d, out);
}

/// Where the rows of head g of sequence b begin in a cache view whose last two dimensions lie as [S, d] without gaps.
template <class T>
const T* rowsOf(const at::Tensor& cache, std::int64_t b, std::int64_t g) {
    return cache.const_data_ptr<T>() + b * cache.stride(0) + g * cache.stride(1);
}

at::Tensor onHost(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t batch = q.size(0), groups = k.size(1), keys = k.size(2), d = k.size(3);
    const std::int64_t shared = q.size(1) / groups, segments = (keys + segment - 1) / segment;
    const int n = static_cast<int>(shared);
    const bool bf16 = k.scalar_type() == at::kBFloat16;
    const auto wide = q.options().dtype(at::kFloat);
    const at::Tensor queries = (q.to(at::kFloat) * (1.0 / std::sqrt(static_cast<double>(d)))).contiguous();
    at::Tensor scores = at::empty({batch, groups, shared, keys}, wide);
    at::Tensor parts = at::empty({batch, groups, segments, shared, d}, wide);

    const auto eachSegment = [&](auto&& work) {
        at::parallel_for(0, batch * groups * segments, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t task = begin; task < end; ++task) {
                const std::int64_t head = task / segments, first = task % segments * segment;
                work(task, head, first, std::min(segment, keys - first));
            }
        });
    };
    eachSegment([&](std::int64_t, std::int64_t head, std::int64_t first, std::int64_t count) {
        const float* from = queries.const_data_ptr<float>() + head * shared * d;
        float* to = scores.data_ptr<float>() + head * shared * keys + first;
        if (bf16)
            scoreBf16(n, from, rowsOf<c10::BFloat16>(k, head / groups, head % groups) + first * d, count, d, to, keys);
        else
            scoreFloat(n, from, rowsOf<float>(k, head / groups, head % groups) + first * d, count, d, to, keys);
    });
    const at::Tensor weights = at::softmax(scores, -1);
    eachSegment([&](std::int64_t task, std::int64_t head, std::int64_t first, std::int64_t count) {
        const float* from = weights.const_data_ptr<float>() + head * shared * keys + first;
        float* to = parts.data_ptr<float>() + task * shared * d;
        if (bf16)
            mixBf16(n, from, keys, rowsOf<c10::BFloat16>(v, head / groups, head % groups) + first * d, count, d, to);
        else
            mixFloat(n, from, keys, rowsOf<float>(v, head / groups, head % groups) + first * d, count, d, to);
    });
    return parts.sum(2).view({batch, groups * shared, 1, d}).to(q.scalar_type());
}

bool rowsAreDense(const at::Tensor& cache) {
    return cache.stride(3) == 1 && cache.stride(2) == cache.size(3);
}

}  // namespace

at::Tensor decodeAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t batch = q.size(0), heads = q.size(1), groups = k.size(1), d = q.size(3);
    if (q.is_cpu() && d % lanes == 0 && rowsAreDense(k) && rowsAreDense(v)) return onHost(q, k, v);
    // The queries of one head as the rows of one product: any device and size.
    return at::scaled_dot_product_attention(q.reshape({batch, groups, heads / groups, d}), k, v)
        .reshape({batch, heads, 1, d});
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/blocks/host_vector.h"
#include "core/blocks/prefill_attention.h"

namespace airframe {
namespace {

using c10::BFloat16;

// Every product has one of two shapes, rows x d x keys and rows x keys x d: oneDNN writes code per shape and keeps it.
constexpr std::int64_t rows = 64, keys = 128;

std::int64_t roundUp(std::int64_t n, std::int64_t to) {
    return (n + to - 1) / to * to;
}

/// [.., n, d] -> [.., padded, d] contiguous, zeros behind.
at::Tensor padded(const at::Tensor& x, std::int64_t to) {
    const std::int64_t n = x.size(2), size = roundUp(n, to);
    if (n == size) return x.contiguous();
    at::Tensor out = at::empty({x.size(0), x.size(1), size, x.size(3)}, x.options());
    out.narrow(2, 0, n).copy_(x);
    out.narrow(2, n, size - n).zero_();
    return out;
}

/// weights[j] = bf16(exp(scale * (scores[j] - max))) for j < count, 0 up to `size`; returns their sum (before
/// rounding). count and size may be anything, the buffers hold `size` rounded up to 16 values.
AIRFRAME_WIDE float exponentials(float* scores, std::uint16_t* weights, std::int64_t count, std::int64_t size,
                                 float scale) {
    using Int = std::int32_t __attribute__((vector_size(64)));
    using Word = std::uint32_t __attribute__((vector_size(64)));
    using Half = std::uint16_t __attribute__((vector_size(32)));
    const std::int64_t whole = (count + 15) / 16 * 16;
    for (std::int64_t j = count; j < whole; ++j) scores[j] = -std::numeric_limits<float>::infinity();
    Float16Lanes largest, x;
    loadLanes(largest, scores);
    for (std::int64_t j = 16; j < whole; j += 16) {
        loadLanes(x, scores + j);
        largest = x > largest ? x : largest;
    }
    float max = largest[0];
    for (int i = 1; i < 16; ++i) max = std::max(max, largest[i]);

    const float to_base2 = scale * 1.44269504f;
    Float16Lanes sum = {};
    for (std::int64_t j = 0; j < whole; j += 16) {
        loadLanes(x, scores + j);
        Float16Lanes t = (x - max) * to_base2;  // <= 0
        t = t < -126.0f ? Float16Lanes{} - 126.0f : t;
        // 2^t = 2^n 2^r with |r| <= 1/2; the polynomial is exp's Taylor series in r ln 2, good to 1.2e-7.
        const Int n = __builtin_convertvector(t - 0.5f, Int);
        const Float16Lanes r = (t - __builtin_convertvector(n, Float16Lanes)) * 0.693147181f;
        Float16Lanes e = r * (1.0f / 720) + 1.0f / 120;
        e = e * r + 1.0f / 24;
        e = e * r + 1.0f / 6;
        e = e * r + 0.5f;
        e = e * r + 1.0f;
        e = e * r + 1.0f;
        Int bits;
        std::memcpy(&bits, &e, sizeof bits);
        bits += n << 23;
        std::memcpy(&e, &bits, sizeof e);
        e = x == -std::numeric_limits<float>::infinity() ? Float16Lanes{} : e;
        sum += e;
        Word word;
        std::memcpy(&word, &e, sizeof word);
        word = (word + 0x7fff + ((word >> 16) & 1)) >> 16;  // to the nearest bf16, ties to even
        const Half half = __builtin_convertvector(word, Half);
        std::memcpy(weights + j, &half, sizeof half);
    }
    std::fill(weights + whole, weights + std::max(whole, size), std::uint16_t{0});
    return sumLanes(sum);
}

/// One block of query rows of one head against all keys that its last row may see.
class RowBlock {
  public:
    RowBlock(std::int64_t width, std::int64_t d)
        : m_width(width),
          m_d(d),
          m_scores(static_cast<std::size_t>(rows * width)),
          m_weights(static_cast<std::size_t>(rows * width)),
          m_out(static_cast<std::size_t>(rows * d)) {}

    /// q [rows, d]; k as pairs of elements [d/2, width, 2]; v as pairs of keys [width/2, d, 2]; query i sees visible +
    /// i keys.
    void run(const BFloat16* q, const BFloat16* k, const BFloat16* v, std::int64_t visible, std::int64_t used,
             float scale, BFloat16* out, std::int64_t out_stride) {
        const std::int64_t reach = roundUp(visible + used - 1, keys);
        for (std::int64_t j = 0; j < reach; j += keys)
            at::native::cpublas::brgemm(rows, keys, m_d, m_d, m_width, m_width, false, q, k + j * 2,
                                        m_scores.data() + j, true);
        float sums[rows];
        for (std::int64_t i = 0; i < used; ++i)
            sums[i] =
                exponentials(m_scores.data() + i * m_width, m_weights.data() + i * m_width, visible + i, reach, scale);
        for (std::int64_t j = 0; j < reach; j += keys)
            at::native::cpublas::brgemm(rows, m_d, keys, m_width, m_d, m_d, j > 0,
                                        reinterpret_cast<const BFloat16*>(m_weights.data()) + j, v + j * m_d,
                                        m_out.data(), true);
        for (std::int64_t i = 0; i < used; ++i)
            for (std::int64_t c = 0; c < m_d; ++c)
                out[i * out_stride + c] = m_out[static_cast<std::size_t>(i * m_d + c)] / sums[i];
    }

  private:
    std::int64_t m_width, m_d;
    std::vector<float> m_scores;
    std::vector<std::uint16_t> m_weights;
    std::vector<float> m_out;
};

bool productIsRight() {
    try {
        const auto bf16 = at::TensorOptions().dtype(at::kBFloat16);
        const at::Tensor a = (at::arange(rows * 16) % 7 - 3).view({rows, 16}).to(bf16);
        const at::Tensor b = (at::arange(keys * 16) % 5 - 2).view({keys, 16}).to(bf16);
        const at::Tensor pairs = b.view(at::kInt).t().contiguous();
        at::Tensor c = at::empty({rows, keys});
        at::native::cpublas::brgemm(rows, keys, 16, 16, keys, keys, false, a.const_data_ptr<BFloat16>(),
                                    reinterpret_cast<const BFloat16*>(pairs.const_data_ptr<std::int32_t>()),
                                    c.data_ptr<float>(), true);
        at::native::cpublas::brgemm_release(true);
        return at::equal(c, a.to(at::kFloat).matmul(b.to(at::kFloat).t()));
    } catch (const std::exception&) {
        return false;  // oneDNN has no such product for this processor
    }
}

}  // namespace

bool blockedAttentionWorks() {
    static const bool works = productIsRight();
    return works;
}

at::Tensor blockedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t batch = q.size(0), heads = q.size(1), tokens = q.size(2), d = q.size(3);
    const std::int64_t groups = k.size(1), past = k.size(2) - tokens;
    const at::Tensor queries = padded(q, rows), values = padded(v, keys);
    const std::int64_t width = values.size(2), blocks = queries.size(2) / rows;
    const at::Tensor key_pairs = padded(k, keys).view(at::kInt).transpose(2, 3).contiguous();
    const at::Tensor value_pairs = values.view({batch, groups, width / 2, 2, d}).transpose(3, 4).contiguous();
    at::Tensor out = at::empty({batch, tokens, heads, d}, q.options());

    const BFloat16* q_data = queries.const_data_ptr<BFloat16>();
    const auto* k_data = reinterpret_cast<const BFloat16*>(key_pairs.const_data_ptr<std::int32_t>());
    const BFloat16* v_data = value_pairs.const_data_ptr<BFloat16>();
    BFloat16* out_data = out.data_ptr<BFloat16>();
    const float scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)));
    at::parallel_for(0, batch * heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        RowBlock block(width, d);
        for (std::int64_t task = begin; task < end; ++task) {
            const std::int64_t row = task % blocks * rows, head = task / blocks % heads, b = task / blocks / heads;
            const std::int64_t cache = (b * groups + head / (heads / groups)) * width * d;
            block.run(q_data + ((b * heads + head) * blocks * rows + row) * d, k_data + cache, v_data + cache,
                      past + row + 1, std::min(rows, tokens - row), scale,
                      out_data + ((b * tokens + row) * heads + head) * d, heads * d);
        }
        at::native::cpublas::brgemm_release(true);
    });
    return out.transpose(1, 2);
}

}  // namespace airframe

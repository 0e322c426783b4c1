// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/native_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "core/blocks/native_arrays.h"
#include "core/blocks/native_rows.h"
#include "kernels/attention.h"

namespace airframe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// [B, heads, rows, d] whose strides the kernel can use: d contiguous, nothing expanded.
at::Tensor readable(const at::Tensor& x) {
    return x.stride(3) == 1 && x.stride(0) && x.stride(1) && x.stride(2) ? x : x.contiguous();
}
kernels::AttentionStrides stridesOf(const at::Tensor& x) {
    return {size(x.stride(0)), size(x.stride(1)), size(x.stride(2))};
}

at::Tensor byKernel(const at::Tensor& given_q, const at::Tensor& given_k, const at::Tensor& given_v, const AttentionForm& form) {
    const at::Tensor q = readable(given_q), k = readable(given_k), v = readable(given_v);
    const auto B = q.size(0), H = q.size(1), T = q.size(2), d = q.size(3), S = k.size(2);
    const kernels::AttentionShape shape{.batch = size(B),
                                        .tokens = size(T),
                                        .heads = size(H),
                                        .groups = size(k.size(1)),
                                        .d = size(d),
                                        .length = size(S),
                                        .slots = size(S),
                                        .window = size(form.window),
                                        .scale = static_cast<float>(form.scale),
                                        .q = stridesOf(q),
                                        .keys = stridesOf(k),
                                        .values = stridesOf(v)};
    const kernels::AttentionPlan plan = kernels::attentionPlan(shape);
    const at::Tensor o = at::empty({B, T, H, d}, q.options());
    const at::Tensor workspace = at::empty({static_cast<std::int64_t>(plan.workspace)}, q.options().dtype(at::kFloat));
    withElement(q, [&]<class E>(E) {
        const kernels::AttentionInputs<E, E> in{.q = readArray<E>(q), .keys = readArray<E>(k), .values = readArray<E>(v)};
        E* to = writeArray<E>(o);
        auto* sums = workspace.mutable_data_ptr<float>();
        at::parallel_for(0, static_cast<std::int64_t>(plan.units), 1, [&](std::int64_t begin, std::int64_t end) {
            kernels::attention(shape, in, to, sums, size(begin), size(end));
        });
        // A row's merge takes a microsecond: waking a thread for a few of them would cost more.
        at::parallel_for(0, static_cast<std::int64_t>(plan.merges), 64, [&](std::int64_t begin, std::int64_t end) {
            kernels::attentionMerge(shape, in, to, sums, size(begin), size(end));
        });
    });
    return o.transpose(1, 2);
}

/// 0 where query i of the last T positions sees key j, else minus infinity, [T, length].
at::Tensor seenMask(std::int64_t tokens, std::int64_t length, std::int64_t window, const at::TensorOptions& options) {
    const at::Tensor hidden = at::full({tokens, length}, -std::numeric_limits<float>::infinity(), options);
    const at::Tensor later = at::triu(hidden, length - tokens + 1);
    return window > 0 ? later + at::tril(hidden, length - tokens - window) : later;
}

at::Tensor byLibTorch(const at::Tensor& q, const at::Tensor& all_k, const at::Tensor& all_v, const AttentionForm& form) {
    const std::int64_t tokens = q.size(2), seen = form.window > 0 ? form.window + tokens - 1 : all_k.size(2);
    const std::int64_t length = std::min(all_k.size(2), seen), first = all_k.size(2) - length;
    const at::Tensor k = all_k.narrow(2, first, length), v = all_v.narrow(2, first, length);
    const std::optional<double> scale = form.scale > 0 ? std::optional(form.scale) : std::nullopt;
    if (tokens == 1)  // the queries of one head as the rows of one product
        return at::scaled_dot_product_attention(q.reshape({q.size(0), k.size(1), q.size(1) / k.size(1), q.size(3)}), k, v, {}, 0.0, false, scale)
            .reshape({q.size(0), q.size(1), 1, q.size(3)});
    const bool grouped = q.size(1) != k.size(1), windowed = form.window > 0 && form.window < length;
    if (tokens == length && !windowed) return at::scaled_dot_product_attention(q, k, v, {}, 0.0, true, scale, grouped);
    // LibTorch's causal flag aligns the first query with the first key; here the last ones meet, hence a mask.
    const at::Tensor mask = seenMask(tokens, length, form.window, q.options().requires_grad(false));
    return at::scaled_dot_product_attention(q, k, v, mask, 0.0, false, scale, grouped);
}

}  // namespace

at::Tensor causalAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionForm& form) {
    const bool fits = nativeForwardFits({q, k, v}) && q.scalar_type() == k.scalar_type() &&
                      k.scalar_type() == v.scalar_type() && q.size(3) % 2 == 0 && q.size(3) <= 256;
    return fits ? byKernel(q, k, v, form) : byLibTorch(q, k, v, form);
}

}  // namespace airframe

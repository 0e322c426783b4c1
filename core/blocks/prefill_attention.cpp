// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/prefill_attention.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <limits>

namespace airframe {

at::Tensor prefillAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t tokens = q.size(2), length = k.size(2);
    // Below a block's rows the padding would cost more than is won; and the blocked form knows no gradients.
    const bool gradients = c10::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad());
    if (tokens >= 48 && q.is_cpu() && q.scalar_type() == at::kBFloat16 && q.size(3) % 16 == 0 && !gradients &&
        blockedAttentionWorks())
        return blockedAttention(q, k, v);
    const bool grouped = q.size(1) != k.size(1);
    if (tokens == length) return at::scaled_dot_product_attention(q, k, v, {}, 0.0, true, {}, grouped);
    // LibTorch's causal flag aligns the first query with the first key; here the last ones meet, hence a mask.
    const auto options = q.options().requires_grad(false);
    at::Tensor mask = at::zeros({tokens, length}, options);
    mask.narrow(1, length - tokens, tokens)
        .copy_(at::triu(at::full({tokens, tokens}, -std::numeric_limits<float>::infinity(), options), 1));
    return at::scaled_dot_product_attention(q, k, v, mask, 0.0, false, {}, grouped);
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/token_nll.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace airframe {
namespace {

// The system allocator hands blocks above 32 MiB back to the kernel, and touching fresh pages costs more than the sums.
constexpr std::int64_t slice_bytes = 24 << 20;

}  // namespace

at::Tensor logSumExp(const at::Tensor& logits) {
    // log_softmax(x)_j = x_j - logsumexp(x) for every j; LibTorch's fused form is far faster than its logsumexp.
    // Taken at the largest logit, where the difference is smallest and rounds least.
    const at::Tensor top = std::get<0>(at::max(logits, -1));
    return top - std::get<0>(at::max(at::log_softmax(logits, -1), -1));
}

at::Tensor tokenNll(const std::function<at::Tensor(const at::Tensor&)>& head, const at::Tensor& h,
                    const at::Tensor& targets, std::int64_t vocab) {
    const std::int64_t count = h.size(0);
    const std::int64_t rows =
        std::max<std::int64_t>(1, slice_bytes / (vocab * static_cast<std::int64_t>(sizeof(float))));
    at::Tensor out = at::empty({count}, h.options().dtype(at::kFloat));
    for (std::int64_t begin = 0; begin < count; begin += rows) {
        const std::int64_t n = std::min(rows, count - begin);
        const at::Tensor logp = at::log_softmax(head(h.narrow(0, begin, n)), -1);
        out.narrow(0, begin, n).copy_(-logp.gather(1, targets.narrow(0, begin, n).unsqueeze(1)).squeeze(1));
    }
    return out;
}

}  // namespace airframe

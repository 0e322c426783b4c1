// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/token_nll.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "kernels/log_sum_exp.h"

namespace airframe {
namespace {

// The system allocator hands blocks above 32 MiB back to the kernel, and touching fresh pages costs more than the sums.
constexpr std::int64_t slice_bytes = 24 << 20;

}  // namespace

at::Tensor logSumExp(const at::Tensor& logits) {
    const bool half = logits.scalar_type() == at::kBFloat16;
    if (!logits.device().is_cpu() || (!half && logits.scalar_type() != at::kFloat))
        return at::logsumexp(logits.to(at::kFloat), -1);
    const at::Tensor rows = logits.contiguous().view({-1, logits.size(-1)});
    const at::Tensor out = at::empty({rows.size(0)}, logits.options().dtype(at::kFloat));
    const auto n = static_cast<std::size_t>(rows.size(1));
    float* sums = out.mutable_data_ptr<float>();
    at::parallel_for(0, rows.size(0), 4, [&](std::int64_t begin, std::int64_t end) {
        const auto first = static_cast<std::size_t>(begin), last = static_cast<std::size_t>(end);
        if (half)
            kernels::logSumExp(reinterpret_cast<const kernels::Bf16*>(rows.const_data_ptr<at::BFloat16>()), n, sums, first, last);
        else
            kernels::logSumExp(rows.const_data_ptr<float>(), n, sums, first, last);
    });
    return out.view(logits.sizes().slice(0, static_cast<std::size_t>(logits.dim() - 1)));
}

at::Tensor tokenNll(const std::function<at::Tensor(const at::Tensor&)>& head, const at::Tensor& h,
                    const at::Tensor& targets, std::int64_t vocab) {
    const std::int64_t count = h.size(0);
    const std::int64_t rows =
        std::max<std::int64_t>(1, slice_bytes / (vocab * static_cast<std::int64_t>(sizeof(float))));
    at::Tensor out = at::empty({count}, h.options().dtype(at::kFloat));
    for (std::int64_t begin = 0; begin < count; begin += rows) {
        const std::int64_t n = std::min(rows, count - begin);
        const at::Tensor logits = head(h.narrow(0, begin, n));
        const at::Tensor right = logits.gather(1, targets.narrow(0, begin, n).unsqueeze(1)).squeeze(1);
        out.narrow(0, begin, n).copy_(logSumExp(logits) - right.to(at::kFloat));
    }
    return out;
}

}  // namespace airframe

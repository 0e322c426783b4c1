// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/dynamic_conv.h"

#include <ATen/ATen.h>

namespace airframe {
namespace {

/// [B, 4 + T, C]: four tokens of history, then u.
at::Tensor withHistory(const at::Tensor& u, const at::Tensor& history) {
    if (!history.defined()) return at::constant_pad_nd(u, {0, 0, 4, 0});
    return at::cat({history.transpose(1, 2).to(u.scalar_type()), u}, 1);
}

}  // namespace

at::Tensor dynamicConv(const at::Tensor& u, const at::Tensor& taps, const at::Tensor& history) {
    const auto type = u.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const auto T = u.size(1);
    const auto stream = withHistory(u, history);
    const auto k = taps.view({u.size(0), T, u.size(2), 4});
    at::Tensor sum;
    for (int w = 0; w < 4; ++w) {
        const auto product = k.select(-1, w).to(type) * stream.narrow(1, 1 + w, T);
        sum = sum.defined() ? sum + product : product;
    }
    return at::silu(sum).to(u.scalar_type());
}

at::Tensor convHistory(const at::Tensor& u, const at::Tensor& history) {
    const auto stream = withHistory(
        u.narrow(1, std::max<std::int64_t>(0, u.size(1) - 4), std::min<std::int64_t>(4, u.size(1))), history);
    return stream.narrow(1, stream.size(1) - 4, 4).transpose(1, 2).contiguous();
}

}  // namespace airframe

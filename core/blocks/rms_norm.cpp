// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/rms_norm.h"

#include <ATen/ATen.h>

#include "core/blocks/native_rows.h"

namespace airframe {

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
    if (weight.scalar_type() == at::kFloat && nativeForwardFits({x, weight})) return rmsNormNative(x, weight, eps);
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(at::mean(at::square(wide), -1, true) + eps);
    return (wide * scale * weight).to(x.scalar_type());
}

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/dynamic_conv.h"

namespace airframe::kernels::reference {

struct DynamicConvResult {
    std::vector<double> y, window;
    std::vector<double> d_u, d_taps, d_window;
};

/// In double precision, one output at a time; gradients of sum(y * d_y) when grad.d_y is set.
[[nodiscard]] DynamicConvResult dynamicConv(const DynamicConvShape& shape, const DynamicConvInputs<float>& in,
                                            const DynamicConvGradients& grad = {});

}  // namespace airframe::kernels::reference

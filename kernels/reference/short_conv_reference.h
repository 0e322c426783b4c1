// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/short_conv.h"

namespace airframe::kernels::reference {

/// Shapes as in ShortConvOutputs, in double precision.
struct ShortConvResult {
    std::vector<double> y, window;
};

/// Token by token, obviously the formula: the truth that every back end is held against.
[[nodiscard]] ShortConvResult shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in);

}  // namespace airframe::kernels::reference

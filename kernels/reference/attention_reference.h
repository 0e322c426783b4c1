// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/attention.h"

namespace airframe::kernels::reference {

/// The formula in double precision, one query and one head at a time: o [B, T, H, d].
[[nodiscard]] std::vector<double> attention(const AttentionShape& shape, const AttentionInputs<float, float>& in);

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/delta_product.h"

namespace airframe::kernels::reference {

/// Shapes as in DeltaProductOutputs, in double precision.
struct DeltaProductResult {
    std::vector<double> o, state;
};

/// Token by token, obviously the formula: the truth that every back end is held against.
[[nodiscard]] DeltaProductResult deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in);

}  // namespace airframe::kernels::reference

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "kernels/linear_scan.h"

namespace airframe::kernels::reference {

/// Shapes as in LinearScanOutputs, in double precision.
struct LinearScanResult {
    std::vector<double> o, state;
};

/// Token by token, obviously the formula: the truth that every back end is held against.
[[nodiscard]] LinearScanResult linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in);

}  // namespace airframe::kernels::reference

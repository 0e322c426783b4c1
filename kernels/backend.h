// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace airframe::kernels {

/// What the operators run on, in words: "SIMD AVX3_ZEN4".
[[nodiscard]] std::string backendReport();

}  // namespace airframe::kernels

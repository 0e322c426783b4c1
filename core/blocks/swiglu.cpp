// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/swiglu.h"

#include <ATen/ATen.h>

#include "core/blocks/native_rows.h"

namespace airframe {

at::Tensor swiglu(const at::Tensor& gate_up) {
    if (nativeForwardFits({gate_up})) return swigluNative(gate_up);
    const auto halves = gate_up.chunk(2, -1);
    return at::silu(halves[0]) * halves[1];
}

}  // namespace airframe

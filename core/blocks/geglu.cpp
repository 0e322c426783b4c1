// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/geglu.h"

#include <ATen/ATen.h>

namespace airframe {

at::Tensor geglu(const at::Tensor& gate_up) {
    const auto halves = gate_up.chunk(2, -1);
    return at::gelu(halves[0], "tanh") * halves[1];
}

}  // namespace airframe

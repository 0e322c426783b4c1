// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// silu(gate) * up (Shazeer, arXiv 2002.05202): gate_up [.., 2F], gate first -> [.., F] in its type. Differentiable.
[[nodiscard]] at::Tensor swiglu(const at::Tensor& gate_up);

}  // namespace airframe

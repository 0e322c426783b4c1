// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// gelu(gate) * up with the tanh form of GELU (Shazeer, arXiv 2002.05202; Hendrycks and Gimpel, arXiv 1606.08415):
/// gate_up [.., 2F], gate first -> [.., F] in its type. Differentiable.
[[nodiscard]] at::Tensor geglu(const at::Tensor& gate_up);

}  // namespace airframe

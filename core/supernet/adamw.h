// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace airframe {

struct AdamwStep {
    double lr = 0, decay = 0;  ///< decoupled weight decay, multiplied by lr
    double beta1 = 0.9, beta2 = 0.95, eps = 1e-10;
    double grad_scale = 1;  ///< from clipping
    std::int64_t step = 1;  ///< 1 at the first one
};

/// One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) on a float32 master weight and its moments,
/// and the new weight rounded into `copy`, in one pass over memory. grad and copy are bf16 or float32; all contiguous
/// and of one shape. One thread.
void adamw(const at::Tensor& master, const at::Tensor& m, const at::Tensor& v, const at::Tensor& grad,
           const at::Tensor& copy, const AdamwStep& options);

}  // namespace airframe

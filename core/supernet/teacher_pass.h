// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "core/model/model.h"

namespace airframe {

/// What a teacher's layers saw and said: mixer input x_l and output y_l [B, T, D] of every layer, in the compute type.
struct TeacherPass {
    std::vector<at::Tensor> x, y;
};

/// Runs the frozen teacher over ids [B, T], calling `tick(layer)` before each layer; stops early, leaving the rest
/// undefined, if tick returns false. No gradients. Any thread.
[[nodiscard]] TeacherPass runTeacher(const Model& teacher, const at::Tensor& ids, const std::function<bool(int)>& tick);

/// The same one layer at a time, nothing kept: for passes over more text than fits in memory at once.
void walkTeacher(const Model& teacher, const at::Tensor& ids,
                 const std::function<bool(int layer, const at::Tensor& x, const at::Tensor& y)>& use);

}  // namespace airframe

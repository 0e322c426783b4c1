// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace airframe {

/// log(sum(exp(x))) over the last dimension: logits [.., vocab] float32 or bf16 -> [..] float32. Native on a CPU.
[[nodiscard]] at::Tensor logSumExp(const at::Tensor& logits);

/// Negative log-likelihood of targets [N] int64 under softmax(head(h)), h [N, D] -> [N] float32. `head` forms
/// logits [n, vocab] (float32 or bf16) for a slice of positions at a time, small enough that the allocator keeps reusing one block.
/// Targets must be inside the vocabulary.
[[nodiscard]] at::Tensor tokenNll(const std::function<at::Tensor(const at::Tensor&)>& head, const at::Tensor& h,
                                  const at::Tensor& targets, std::int64_t vocab);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/blocks/attention.h"
#include "core/blocks/jet_parameters.h"
#include "core/formats/model_config.h"

namespace airframe {

/// A key or value projection for every query head: query head h gets the rows of key/value head h / (heads / kv_heads).
/// w [kv_heads*head_dim, D] -> [heads*head_dim, D]. Whole heads are repeated, never single rows: with these weights
/// ungrouped softmax attention equals the grouped one.
[[nodiscard]] at::Tensor expandHeads(const at::Tensor& w, int heads, int kv_heads);

/// Dimensions of the JetBlock that stands in for this model's attention: one head per query head, K = V = head_dim.
[[nodiscard]] JetDims jetDimsFor(const ModelConfig& config);

/// A JetBlock that starts from an attention layer: q, k, v, o copied (key/value heads expanded), the convolution the
/// identity (tap 3 = 1) with w1 ~ N(0, 0.02) and w2 = 0, half-lives of the heads' memories spread from 8 to 512 tokens,
/// beta = 1/2, the output gate seeded small. float32. Different layers draw different numbers from the same seed.
[[nodiscard]] JetParameters initialiseFromTeacher(const AttentionBlock& teacher, const JetDims& dims, std::int64_t seed,
                                                  int layer);

/// Fits a fresh block to samples x [B, T, D] -> y [B, T, D] of its layer without gradients: the output gate is set to
/// pass the signal (the ridge regression of a constant on x), then o_proj to the ridge solution of y on the block's
/// features.
void calibrate(const JetDims& dims, JetParameters& p, const at::Tensor& x, const at::Tensor& y);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/formats/model_config.h"

namespace airframe::ui {

/// Bytes of one sequence's memory in one layer: `per_token` grows with the context, `fixed` does not.
struct LayerMemory {
    double per_token = 0, fixed = 0;
};

/// Keys and values [T, kv_heads, head_dim] twice for attention; for a JetBlock the state [heads, K, V] and the window
/// of the value convolution [4, heads * V]. Values of `value_bytes` each (float32: 4). Blocks we have no formula for: zero.
[[nodiscard]] LayerMemory layerMemory(const ModelConfig& config, const QString& block, int value_bytes = 4);

/// The whole placement at a context and a batch; 0 if the placement does not belong to the model.
[[nodiscard]] double cacheBytes(const ModelConfig& config, const QString& placement, int context, int batch);
[[nodiscard]] double cacheBytesPerToken(const ModelConfig& config, const QString& placement);

/// Memory that the system can give now, in bytes (MemAvailable of /proc/meminfo); 0 if unknown.
[[nodiscard]] double availableMemory();

}  // namespace airframe::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/study/records.h"

namespace airframe {

/// One cell of the importance map. score: paired gain in nats per token over the base on the same items.
/// one_full: only this layer is full attention, base = all linear; higher = the layer needs its attention.
/// one_linear: only this layer is linear, base = the teacher; score = loss added by losing the layer's attention.
struct ImportanceCell {
    std::string view;  ///< "one_full" or "one_linear"
    int layer = 0;
    std::string task;
    double score = 0, low = 0, high = 0;  ///< 95 %
    int rank = 0, rank_low = 0, rank_high = 0;  ///< 1 = most important; overlapping intervals cannot be separated
    int items = 0;
};

/// Derived from the stored evaluations alone (no tensors), so that the window and the command line show the same:
/// every (view, layer, task) whose evaluation and base exist for this model, checkpoint and evaluator version.
[[nodiscard]] std::vector<ImportanceCell> importanceFrom(const std::vector<EvaluationRow>& evaluations, int layers,
                                                         const std::string& base_block, const std::string& checkpoint_hash);

}  // namespace airframe

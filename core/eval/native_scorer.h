// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/eval/scorer.h"
#include "core/supernet/supernet.h"

namespace airframe {

/// Scores free text (items of one choice) on the fused kernels, window by window: what a text loses by the quantised
/// weights that writing uses. Choices between answers are scored in bf16 by the Evaluator; an item with several throws
/// Failure(internal).
[[nodiscard]] Scorer nativeScorer(std::shared_ptr<const Supernet> supernet);

}  // namespace airframe

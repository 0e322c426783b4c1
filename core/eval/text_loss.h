// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/run_control.h"
#include "core/eval/scorer.h"
#include "core/study/statistics.h"

namespace airframe {

/// Loss of one placement on a text, window by window.
struct TextLoss {
    double nll = 0;                           ///< mean over all predictions, nats per token
    std::int64_t tokens = 0;                  ///< predictions made
    std::vector<double> window_nll;           ///< mean of each window
    std::vector<std::int64_t> window_tokens;  ///< predictions of each window
};

/// Disjoint windows of `window` ids as items: all tokens of a window but its first are scored, a shorter last window is
/// kept if it predicts anything, no BOS is added. Throws Failure(bad_input, "text") for fewer than two ids.
[[nodiscard]] TaskData textWindows(std::span<const std::int32_t> ids, int window = 512);

/// The loss of each placement, in their order, all on the same windows. Placements share their common prefixes.
/// Throws Failure(interrupted) if control stops it.
[[nodiscard]] std::vector<TextLoss> textLosses(const Scorer& scorer, const std::vector<Placement>& placements,
                                               const TaskData& windows, RunControl& control);

/// By how many nats per token `a` is better than `b` (positive: a's loss is lower), with the paired bootstrap interval
/// over windows. Windows count equally, so that the shorter last one does not move the interval; it is left out.
[[nodiscard]] Interval lossGain(const TextLoss& a, const TextLoss& b, std::uint64_t seed);

}  // namespace airframe

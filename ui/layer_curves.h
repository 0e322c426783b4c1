// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "ui/plots/curve_view.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// The loss curves of one training run, thinned to at most `most_points` each (the last point of every stretch is kept):
/// the layers, then the mean. If the run stored no mean it is derived from the layers at equal steps.
[[nodiscard]] std::vector<Curve> lossCurves(const StudySnapshot& snapshot, std::int64_t run, int most_points = 400);

/// The latest held-out error of each layer of that run, NaN where there is none; empty if there is none at all.
[[nodiscard]] std::vector<double> heldOutErrors(const StudySnapshot& snapshot, std::int64_t run);

/// The latest value of a whole-model curve such as "tokens_per_s", NaN if absent.
[[nodiscard]] double latestValue(const StudySnapshot& snapshot, std::int64_t run, const std::string& name);

}  // namespace airframe::ui

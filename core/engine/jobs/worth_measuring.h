// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/study/study.h"

namespace airframe {

/// The placements that a front should show: both ends, what is starred, the searches' controls (of the random ones the first two of each
/// search), and the best four that a search kept, each once.
[[nodiscard]] std::vector<std::string> worthMeasuring(const Study& study);

}  // namespace airframe

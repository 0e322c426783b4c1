// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"

namespace airframe {

/// Scores placements of an open study on more items than a search spends on each; the command's --json document.
[[nodiscard]] nlohmann::json scorePlacements(JobContext& job, Study& study);

}  // namespace airframe

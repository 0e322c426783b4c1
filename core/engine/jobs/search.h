// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"

namespace airframe {

/// Searches placements in an open study; the command's --json document.
[[nodiscard]] nlohmann::json searchPlacements(JobContext& job, Study& study);

}  // namespace airframe

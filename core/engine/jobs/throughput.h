// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"

namespace airframe {

/// Measures one placement's speed into an open study; the command's --json document. Throws Failure(no_room) when it does
/// not fit in memory, after that fact was stored.
[[nodiscard]] nlohmann::json measureSpeed(JobContext& job, Study& study);

}  // namespace airframe

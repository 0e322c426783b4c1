// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"

namespace airframe {

/// Measures the importance of every layer in an open study; the command's --json document.
[[nodiscard]] nlohmann::json measureImportance(JobContext& job, Study& study);

}  // namespace airframe

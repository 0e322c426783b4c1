// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"

namespace airframe::jobs {

/// The front of a study, from its rows alone; the command's --json document. `params` are those of "front".
[[nodiscard]] nlohmann::json frontOf(const Study& study, const Params& params);

}  // namespace airframe::jobs

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/study/objective.h"

namespace airframe {

/// The front as a table for a terminal, fastest first: mark (* on the front, ~ not worse than the front beyond the
/// errors, blank otherwise), placement, gain with its 95 % interval, decode tokens per second with quartiles, cache in
/// MiB, items. A line below says how many points are not dominated within error. UTF-8, ends with a newline.
[[nodiscard]] std::string frontTable(std::vector<FrontPoint> points);

}  // namespace airframe

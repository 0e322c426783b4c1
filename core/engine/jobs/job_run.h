// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "core/engine/jobs/common.h"

namespace airframe {

/// A run of the study while its job works on it.
struct JobRun {
    std::int64_t id = 0;
    bool complete = true;  ///< set to false by the job when it was stopped before its end
};

/// Does `work` as a run of `kind` in the study's table of runs. A run of the same kind and parameters that was stopped,
/// interrupted or failed is taken up again instead of a new one: what it finished is in the study and not done again.
/// When `work` throws, the run is marked failed with the error (or stopped, for Failure(interrupted)).
[[nodiscard]] nlohmann::json asRun(JobContext& job, Study& study, const std::string& kind, std::int64_t seed,
                                   const std::function<nlohmann::json(JobRun&)>& work);

}  // namespace airframe

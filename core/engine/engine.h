// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "core/engine/job_control.h"
#include "core/engine/supernet_cache.h"

namespace airframe {

/// How a job ended when it did not fail.
struct JobOutcome {
    nlohmann::json data;   ///< the command's --json document
    bool stopped = false;  ///< on request, before its end; everything finished is in the study
};

/// The door to everything that computes: blocking, one job at a time (a second caller waits), and the only place where
/// exceptions become errors. Keeps the last used models loaded. Any thread may call run().
class Engine {
  public:
    /// Does one operation of operation.h's table. `params` are the command's options by their protocol names.
    Result<JobOutcome> run(const std::string& operation, const nlohmann::json& params, JobControl& control,
                           JobListener& listener);
    /// What this engine is: {"program","libtorch","device","cpu","threads"}.
    Result<nlohmann::json> describe();

  private:
    std::mutex m_busy;
    SupernetCache m_cache;
};

}  // namespace airframe

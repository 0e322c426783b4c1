// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/run_control.h"

namespace airframe {

/// Hears what a job has to tell while it runs: the terminal, or the window at the other end of the pipe.
/// Called from the job's thread only.
class JobListener {
  public:
    virtual ~JobListener() = default;
    virtual void started(std::int64_t run) { (void)run; }  ///< row of the run in the study; 0 = it has none
    virtual void progress(const Progress& progress) { (void)progress; }
    virtual void state(const std::string& state) { (void)state; }  ///< "paused", "running", "stopping"
    virtual void changed(const std::vector<std::string>& tables) { (void)tables; }
    /// One generated token, with the fields of the protocol's "token" event.
    virtual void token(const nlohmann::json& token) { (void)token; }
};

}  // namespace airframe

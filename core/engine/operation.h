// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/engine/option_spec.h"

namespace airframe {

struct JobContext;

/// One thing that the engine can do: a command of the command line and an "op" of the protocol.
struct Operation {
    std::string name = {};
    std::string summary = {};  ///< one line for --help
    std::vector<OptionSpec> options = {};
    bool has_run = false;       ///< makes a run in the study
    std::string stdin_param = {};    ///< the command line reads standard input into this parameter
    std::string details = {};        ///< more for --help
    std::string resume_hint = {};    ///< what to do after a stop
    /// Does it; returns the command's --json document. Throws Failure.
    std::function<nlohmann::json(JobContext&)> run = {};
};

/// THE table of operations. A new one is a file in jobs/ and a row here.
[[nodiscard]] const std::vector<Operation>& operationTable();
/// nullptr if there is none of that name.
[[nodiscard]] const Operation* findOperation(const std::string& name);

}  // namespace airframe

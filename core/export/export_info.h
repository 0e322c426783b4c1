// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace airframe {

/// One score of the exported placement, for the model card.
struct ExportScore {
    std::string task;         ///< task id
    std::string unit;         ///< "nats per token", ...
    double value = 0, low = 0, high = 0;  ///< with its 95 % interval
    int items = 0;
};

/// What an export says about itself beside its weights. Empty fields are left out of the card.
struct ExportInfo {
    std::string storage = "float32";  ///< of the matrices: "float32" or "bf16"; vectors are float32 always
    std::string base_name;            ///< of the model that was converted; empty = what its file says, else its file name
    std::string base_licence;         ///< SPDX-like, "apache-2.0"; empty = what the base model's file says
    std::string model_hash;           ///< SHA-256 of the base model's file; empty = computed
    std::string checkpoint_hash;      ///< of the alternatives' weights; empty = the supernet's
    std::string study_uuid;
    std::vector<ExportScore> scores;
};

}  // namespace airframe

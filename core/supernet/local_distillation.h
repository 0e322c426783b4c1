// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/model/model.h"
#include "core/study/study.h"

namespace airframe {

/// What to train on and for how long. A run ends at `tokens` or `minutes`, whichever is set and comes first.
struct DistillationOptions {
    std::vector<std::filesystem::path> text;  ///< files and folders
    std::int64_t tokens = 0;                  ///< 0 = no token limit
    double minutes = 0;                       ///< 0 = no time limit
    std::int64_t seed = 0;
    int window = 512;  ///< T
    int batch = 1;     ///< windows per step
    double lr = 2e-3, lr_end = 1e-4;
    double teacher_text_share = 0;  ///< share of windows sampled from the teacher itself
    bool resume = false;            ///< continue the study's last interrupted or stopped training run
    double checkpoint_seconds = 60;
    std::int64_t heldout_every = 50'000;  ///< tokens between points of the held-out curve
};

struct DistillationResult {
    std::int64_t run = 0, tokens = 0;
    double seconds = 0;
    std::vector<double> heldout;  ///< [L] relative output error on held-out windows
    std::string checkpoint;       ///< hash
    bool stopped = false;         ///< by the person, before its end
};

/// Teacher-forced local distillation of a JetBlock beside every attention layer: one teacher pass gives each layer's
/// mixer input x_l and output y_l; the block minimises |f(x_l) - y_l|^2 / mean square of y_l. No gradient crosses
/// layers. bf16 compute, float32 master weights, AdamW, cosine schedule, clipping per layer. Writes curves and a
/// checkpoint every minute; on stop or error what was learned is kept. Results are in the study when it returns.
DistillationResult distillLocally(Study& study, const Model& teacher, const DistillationOptions& options,
                                  RunControl& control);

}  // namespace airframe

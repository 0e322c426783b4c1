// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/model/model.h"
#include "core/supernet/local_distillation.h"

namespace airframe {

/// What a training run stores of its options, and back: enough to run it again or to continue it.
[[nodiscard]] std::string trainingParameters(const DistillationOptions& options, const std::string& text_hash);
/// Throws Failure(bad_input, "run N") if a field is missing.
[[nodiscard]] DistillationOptions trainingOptions(const RunRow& run);
/// Program, processor, threads, LibTorch and compute type, as JSON.
[[nodiscard]] std::string trainingEnvironment(const Model& teacher, int threads);
/// Removes all but the last `keep` checkpoints of a run, rows first, then the files that no row names any more.
void forgetOldCheckpoints(Study& study, std::int64_t run, std::size_t keep);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/jobs/common.h"
#include "core/supernet/local_distillation.h"

namespace airframe {

/// Checks that the model file `model` (or, when empty, the study's own file) is the study's model. Returns it opened.
/// Throws Failure(bad_input) naming both hashes.
[[nodiscard]] std::shared_ptr<const ModelFile> studyModelFile(const Study& study, const std::filesystem::path& model);
/// Trains the supernet of an open study. The result is the command's --json document.
[[nodiscard]] nlohmann::json trainStudy(JobContext& job, Study& study, std::shared_ptr<const ModelFile> file,
                                        const DistillationOptions& options, const Compute& compute);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/run_control.h"
#include "core/export/exported_model.h"

namespace airframe {

/// What a reloaded export was found to be.
struct ReloadCheck {
    double max_logit_difference = 0;  ///< over the tokens and the whole vocabulary
    double relative_logit_error = 0;  ///< root mean square of the differences over that of the logits about their row's mean
    double allowed_logit_error = 0;   ///< the most that was accepted
    double relative_weight_error = 0; ///< root mean square of the worst tensor's errors over that of its values
    int tokens = 0;                   ///< positions whose logits were compared
};

/// Opens `path` as any reader does and compares it with the model in memory: every tensor with its source, value by value,
/// within the rounding of the type it is stored as (storage_rounding.h); the tokenizer and the end token; then, loaded in the
/// same compute type, the logits of a fixed sequence. What the stored types explain there is measured on this model: its
/// weights are moved at random by errors of the size that was found in each tensor (perturbed_model.h), and three times the
/// relative error which that makes in the logits is allowed, never more than 1 (logits that have nothing to do with each
/// other differ by 1.4); and 1e-4 for the order of sums. Without any error in the weights only the latter.
/// Throws Failure(bad_input, where: tensor NAME) for a value that differs by more, Failure(bad_input, where) for such logits,
/// Failure(interrupted) if control stops it, and what ModelFile::open throws.
[[nodiscard]] ReloadCheck checkReloaded(const ExportedModel& model, const std::filesystem::path& path, const std::string& where,
                                        RunControl& control);

}  // namespace airframe

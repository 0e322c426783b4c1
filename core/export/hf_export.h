// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/export/export_info.h"
#include "core/study/placement.h"
#include "core/supernet/supernet.h"

namespace airframe {

struct ExportResult {
    std::filesystem::path dir;
    std::vector<std::string> files;   ///< names in `dir`, sorted
    double max_logit_difference = 0;  ///< reloaded against in memory, over checked_tokens positions and the whole vocabulary
    int checked_tokens = 0;
};

/// Writes the model of one placement as a Hugging Face style folder that ModelFile::open reads: config.json,
/// model.safetensors, tokenizer.json, tokenizer_config.json, generation_config.json, architecture.json, README.md.
/// Everything is written into a temporary folder beside `dir`, reloaded from there, and its logits on fixed token ids are
/// compared with those of the supernet in memory; only then it is renamed to `dir`.
/// Throws Failure(bad_input) if `dir` exists and is not an empty folder, if a block of the placement is missing, or if the
/// reloaded model differs by more than its storage explains; Failure(options) for another storage word; Failure(no_room)
/// when the disk is full; Failure(interrupted) if control stops it. Nothing is left behind then.
[[nodiscard]] ExportResult exportPlacement(const Supernet& supernet, const Placement& placement,
                                           const std::filesystem::path& dir, const ExportInfo& info, RunControl& control);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/export/export_info.h"
#include "core/export/reload_check.h"
#include "core/study/placement.h"
#include "core/supernet/supernet.h"

namespace airframe {

struct ExportResult {
    std::filesystem::path path;      ///< the folder or the file
    std::vector<std::string> files;  ///< names in the folder, sorted, or the file's
    std::string storage;             ///< of the matrices; empty for an architecture
    ReloadCheck check;               ///< tokens is 0 for an architecture, which has no weights to compare
};

/// Writes the model of one placement to `path`, which must not exist (an empty folder may be there for a folder):
/// - hf: a folder that ModelFile::open and Hugging Face's transformers read, in the released Jet-Nemotron form where that
///   form can say it, else in our own (README.md): config.json, weights, tokenizer, generation_config.json, modelling code,
///   architecture.json, README.md;
/// - gguf: one file, which llama.cpp runs if the placement is attention alone;
/// - architecture: architecture.json alone.
/// Everything is written beside `path`, reloaded from there and compared with the model in memory (checkReloaded, or field by
/// field for an architecture); only then it is renamed to `path`.
/// Throws Failure(bad_input) if `path` exists, if a block of the placement is missing, or if the reloaded model differs by
/// more than its storage explains; Failure(options) for a storage that the format does not offer; Failure(no_room) when the
/// disk is full; Failure(interrupted) if control stops it. Nothing is left behind then.
[[nodiscard]] ExportResult exportPlacement(const Supernet& supernet, const Placement& placement,
                                           const std::filesystem::path& path, const ExportInfo& info, RunControl& control);

}  // namespace airframe

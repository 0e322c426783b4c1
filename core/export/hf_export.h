// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/run_control.h"
#include "core/export/exported_model.h"

namespace airframe {

/// Bytes of the weight files that writeHfFolder() makes, headers left out.
[[nodiscard]] std::uintmax_t hfWeightBytes(const ExportedModel& model, const std::string& storage);

/// Writes what a reader needs into `folder`: config.json, the weights (in files of at most `shard_bytes`), tokenizer.json,
/// tokenizer_config.json, generation_config.json and the modelling code. `storage` of matrices is "float32" or "bf16", vectors
/// are float32. Returns the weights' hash (SafetensorsFolder::sha256).
/// Throws Failure(no_room) when the disk is full, Failure(interrupted) if control stops it.
std::string writeHfFolder(const std::filesystem::path& folder, const ExportedModel& model, const std::string& storage,
                          std::uint64_t shard_bytes, RunControl& control);

}  // namespace airframe

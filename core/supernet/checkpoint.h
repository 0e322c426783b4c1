// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/blocks/jet_parameters.h"
#include "core/model/model.h"
#include "core/study/study.h"
#include "core/supernet/supernet.h"

namespace airframe {

/// Weights of a JetBlock per layer as one safetensors file ("model.layers.N.self_attn.<name>", float32), named by its
/// SHA-256, written to a temporary file and renamed.
/// Returns the hash. Throws Failure(no_room) when the disk is full, leaving nothing behind.
std::string writeAlternatives(const std::filesystem::path& folder, const JetDims& dims,
                              const std::vector<JetParameters>& layers);
/// Name of that file inside its folder.
[[nodiscard]] std::string alternativesFile(const std::string& hash);
/// Throws Failure(bad_input) naming the file and the tensor that is missing or misshapen.
[[nodiscard]] std::vector<JetParameters> readAlternatives(const std::filesystem::path& file, const JetDims& dims,
                                                          int layers);
/// The dimensions written into the file. Throws Failure(bad_input) if they are missing.
[[nodiscard]] JetDims alternativesDims(const std::filesystem::path& file);

/// The study's model with the alternatives of its latest checkpoint; without a checkpoint only "attn" can be placed.
/// Throws Failure(bad_input) if the model file moved or its hash differs from the study's.
[[nodiscard]] std::shared_ptr<const Supernet> openSupernet(const Study& study, const Compute& compute,
                                                           RunControl& control);

}  // namespace airframe

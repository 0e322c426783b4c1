// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/supernet/layer_trainer.h"

namespace airframe {

/// Writes master weights, moments and counters of all layers into `folder` under the name of their hash; returns the
/// name. Throws Failure(no_room) when the disk is full, leaving nothing behind.
std::string writeTrainingState(const std::filesystem::path& folder, std::vector<LayerTrainer>& layers);
/// Puts a written state back. Throws Failure(bad_input) naming the file and what is missing or misshapen.
void readTrainingState(const std::filesystem::path& file, std::vector<LayerTrainer>& layers);

}  // namespace airframe

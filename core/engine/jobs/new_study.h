// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/engine/jobs/common.h"

namespace airframe {

/// What a study keeps about its model. Reads the whole file for its hash.
[[nodiscard]] ModelRow modelRow(const ModelFile& file);
/// A new study at `path` for the model file or folder `model`. Throws Failure(bad_input) if the study exists or the model
/// cannot be read.
[[nodiscard]] std::unique_ptr<Study> makeStudy(const std::filesystem::path& path, const std::filesystem::path& model);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace airframe::test {

/// How far the work recorded in a sample study went.
enum class SampleStage { empty, trained, full, failed };

/// Writes a study of a 30-layer model with values from a formula, for tests of the window only: a training run with
/// curves and a checkpoint, importance of four tasks, a beam search with steering and controls, speeds at two settings,
/// two generations. `failed`: as `trained`, but the training run failed and an importance run was interrupted.
/// `model_path` need not exist. Throws Failure as Study does.
void writeSampleStudy(const std::filesystem::path& path, SampleStage stage,
                      const std::string& model_path = "/nowhere/SampleLM-135M.gguf");

}  // namespace airframe::test

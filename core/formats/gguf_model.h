// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/formats/model_file.h"

namespace airframe {

/// A GGUF model (one file or split, any architecture of gguf_architecture.h) with its tokenizer, checked completely. Throws
/// Failure(bad_input).
[[nodiscard]] std::unique_ptr<ModelFile> openGgufModel(const std::filesystem::path& path);

}  // namespace airframe

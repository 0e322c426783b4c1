// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/run_control.h"
#include "core/export/exported_model.h"

namespace airframe {

/// Bytes that writeGguf() writes at most, metadata left out.
[[nodiscard]] std::uintmax_t ggufWeightBytes(const ExportedModel& model, const std::string& storage);

/// Writes the model with tokenizer and chat template as one file (core/formats/gguf_model_writer.h): of an architecture that
/// llama.cpp runs if the placement is attention alone, else of our own. `facts` become general.*. Returns the file's SHA-256.
/// Throws Failure(no_room) when the disk is full, Failure(interrupted) if control stops it, Failure(bad_input) for a value that
/// `storage` cannot hold.
std::string writeGguf(const std::filesystem::path& file, const ExportedModel& model, const std::string& storage,
                      const std::map<std::string, std::string>& facts, RunControl& control);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/safetensors_writer.h"

namespace airframe {

/// The weight files of a folder.
struct SafetensorsFolder {
    std::vector<SafetensorsWritten> files;  ///< in name order
    std::string sha256;                     ///< of the only file; of several: over their hashes in name order
};

/// Writes a model's tensors into `folder` as Hugging Face names them: "model.safetensors" if their bytes are at most
/// `shard_bytes`, else "model-00001-of-00003.safetensors", ... filled in order up to that size (a larger tensor has a file of
/// its own), with "model.safetensors.index.json". Progress counts the bytes of all files. Fails as writeSafetensors() does;
/// files that were finished before stay, so let `folder` be one that is thrown away as a whole.
SafetensorsFolder writeSafetensorsFolder(const std::filesystem::path& folder, const std::vector<SafetensorsSource>& tensors,
                                         std::uint64_t shard_bytes, const std::map<std::string, std::string>& metadata = {},
                                         RunControl* control = nullptr);

}  // namespace airframe

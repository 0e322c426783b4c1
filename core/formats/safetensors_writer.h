// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/run_control.h"

namespace airframe {

/// One tensor to be written, in the order given.
struct SafetensorsSource {
    std::string name;
    std::string dtype;                ///< a safetensors type: "F32", "BF16", "I64", ...
    std::vector<std::int64_t> shape;  ///< outermost first
    /// Called once, when its turn comes: the tensor's bytes (little-endian, row-major), valid until the next call. So a big
    /// model can be converted tensor by tensor.
    std::function<std::span<const std::byte>()> bytes;
};

/// Bytes that the tensor takes. Throws Failure(internal) for an unknown type or a shape that no file can hold.
[[nodiscard]] std::uint64_t byteSize(const SafetensorsSource& tensor);

struct SafetensorsWritten {
    std::filesystem::path path;
    std::string sha256;  ///< of the whole file, computed from what lies on the disk
    std::uint64_t bytes = 0;
};

/// Writes a temporary file beside `file`, brings it to the disk and renames it: the file is there whole or not at all.
/// Throws Failure(no_room) when the disk is full, Failure(bad_input) if the folder cannot be written, Failure(interrupted)
/// if `control` (checked between tensors, progress phase "write" in bytes) stops it; then nothing is left behind.
/// Failure(internal) if a source's name repeats, its type is unknown or its bytes do not fit its shape.
SafetensorsWritten writeSafetensors(const std::filesystem::path& file, const std::vector<SafetensorsSource>& tensors,
                                    const std::map<std::string, std::string>& metadata = {},
                                    RunControl* control = nullptr);

/// The same, into `folder` under the name "<sha256>.safetensors".
SafetensorsWritten writeSafetensorsByHash(const std::filesystem::path& folder,
                                          const std::vector<SafetensorsSource>& tensors,
                                          const std::map<std::string, std::string>& metadata = {},
                                          RunControl* control = nullptr);

}  // namespace airframe

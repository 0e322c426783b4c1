// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/formats/dequantise.h"
#include "core/formats/gguf_keys.h"

namespace airframe {

/// One tensor to be written, in the order given.
struct GgufTensorBytes {
    std::string name;                 ///< as in the file
    const StoredType* type = nullptr;
    std::vector<std::int64_t> shape;  ///< outermost first
    /// Called once, when its turn comes: the tensor's blocks, valid until the next call.
    std::function<std::span<const std::byte>()> bytes;
};

struct GgufFileWritten {
    std::filesystem::path path;
    std::string sha256;  ///< of the whole file, computed from what lies on the disk
    std::uint64_t bytes = 0;
};

/// Writes the container of a GGUF file, version 3, aligned to 32 bytes. The file is there whole or not at all.
/// Throws Failure(no_room) when the disk is full, Failure(bad_input) if the folder cannot be written, Failure(interrupted) if
/// `control` (may be null; checked between tensors, progress phase "write" in bytes) stops it; then nothing is left behind.
/// Failure(internal) if a name repeats or is too long for llama.cpp (63 bytes), a row is no whole number of blocks, or the
/// bytes do not fit the shape.
GgufFileWritten writeGguf(const std::filesystem::path& file, const GgufKeys& keys, const std::vector<GgufTensorBytes>& tensors,
                          RunControl* control);

}  // namespace airframe

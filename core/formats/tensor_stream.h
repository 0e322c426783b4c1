// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/formats/output_file.h"

namespace airframe {

/// One tensor's bytes on their way into a file of weights, whatever its format.
struct TensorStream {
    std::string name;
    std::string kind;        ///< type and shape, for messages: "F32 [2, 3]"
    std::uint64_t size = 0;  ///< bytes that a tensor of this kind has
    std::function<std::span<const std::byte>()> bytes;  ///< called once, when it is this tensor's turn
};

/// Writes them one after the other, each followed by zeros up to a multiple of `alignment`. `control` (may be null) is asked
/// between tensors and told the progress, phase "write" in bytes. Throws Failure(interrupted) if it says stop,
/// Failure(internal) naming a tensor that gives another number of bytes.
void writeTensors(OutputFile& out, const std::vector<TensorStream>& tensors, std::uint64_t alignment, RunControl* control);

/// `size` up to the next multiple of `alignment`.
[[nodiscard]] constexpr std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

}  // namespace airframe

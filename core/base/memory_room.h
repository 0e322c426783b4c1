// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace airframe {

/// Bytes that this process could still take without swapping: the kernel's MemAvailable, or what is left of the control
/// group's limit if that is less.
[[nodiscard]] std::int64_t availableMemory();

/// The most resident memory this process held since construction. Uses the kernel's high-water mark, reset at
/// construction; where the kernel does not allow the reset, the mark of the whole process's life.
class PeakMemory {
  public:
    PeakMemory();
    [[nodiscard]] std::int64_t bytes() const;
};

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace airframe::kernels::cuda {

/// How many blocks and threads a kernel wants, and how much shared memory: said once, beside the kernel, for the launch
/// on a device and for the emulator.
struct Grid {
    unsigned x = 1, y = 1, z = 1, threads = 32;
    std::size_t shared = 0;  ///< bytes of dynamic shared memory
};

[[nodiscard]] constexpr unsigned ceilDiv(std::size_t n, std::size_t by) { return static_cast<unsigned>((n + by - 1) / by); }

}  // namespace airframe::kernels::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/blocks/compute.h"

namespace airframe {

/// The processor's name and the threads that LibTorch uses, "AMD EPYC, 2 threads", or the accelerator's "cuda:0".
[[nodiscard]] std::string deviceName(const Compute& compute);

}  // namespace airframe

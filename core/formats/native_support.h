// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/model_config.h"

namespace airframe {

/// What a model of this shape has that the fused kernels of NativeModel do not compute, in words ("post-norms"); empty if it
/// runs on them.
[[nodiscard]] std::string nativeLacks(const ModelConfig& config);

}  // namespace airframe

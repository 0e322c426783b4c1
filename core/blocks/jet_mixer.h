// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/blocks/native_mixer.h"

namespace airframe {

/// "jet" on the native kernels, its matrices in source.type. Recurrent state and convolution window in float32.
[[nodiscard]] std::unique_ptr<const NativeMixer> makeNativeJet(NativeSource source);

}  // namespace airframe

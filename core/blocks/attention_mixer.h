// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/blocks/native_mixer.h"

namespace airframe {

/// "attn" and "swa" on the native kernels: bf16 keys and values. Throws Failure(bad_input) for a head dimension that the kernels do
/// not take.
[[nodiscard]] std::unique_ptr<const NativeMixer> makeNativeAttention(NativeSource source);

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace airframe {

/// Part of the key of every evaluation. Raised by hand whenever scores change meaning.
inline constexpr int evaluator_version = 2;

}  // namespace airframe

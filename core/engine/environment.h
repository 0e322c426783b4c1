// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

namespace airframe {

/// What this engine is and runs on: {"program","libtorch","device","cpu","threads"}.
[[nodiscard]] nlohmann::json environment();

}  // namespace airframe

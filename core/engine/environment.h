// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace airframe {

/// What this engine is and runs on: {"program","libtorch","device","cpu","threads"}.
[[nodiscard]] nlohmann::json environment();
/// The name of the person who runs this, for the log of commands.
[[nodiscard]] std::string userName();

}  // namespace airframe

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/study/study.h"

namespace airframe {

/// Writes held-out windows into `folder` under the name of their hash and returns the file's name.
std::string writeHeldout(const std::filesystem::path& folder, const std::vector<std::int32_t>& ids, int window);

/// Token ids of the text that the study's latest training held out and never trained on: whole windows, one after the
/// other (as many ids as windows times `heldoutWindow`). Empty if nothing was trained yet.
/// Throws Failure(bad_input) naming the file if it is gone or damaged.
[[nodiscard]] std::vector<std::int32_t> heldoutTokens(const Study& study);
/// Ids in one held-out window of that training; 0 if nothing was trained yet.
[[nodiscard]] int heldoutWindow(const Study& study);

}  // namespace airframe

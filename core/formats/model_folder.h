// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace airframe {

/// The path of a file of a model's folder, whether it is there or not. Throws Failure(bad_input) if `name` is no plain file
/// name or if a symbolic link leads it outside the folder. The hub's cache keeps its files in a folder "blobs" beside
/// "snapshots/REVISION": from there, links may lead into it.
[[nodiscard]] std::filesystem::path fileOfModel(const std::filesystem::path& folder, const std::string& name);

}  // namespace airframe

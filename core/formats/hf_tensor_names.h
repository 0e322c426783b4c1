// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace airframe {

/// The name that a stored tensor has in our layout (model_layout.h): the text half of a Gemma 3 with vision stores its tensors
/// below "language_model.", in one of two ways. Nothing for tensors of the vision half, which is not computed with.
[[nodiscard]] std::optional<std::string> layoutName(const std::string& architecture, const std::string& stored);

}  // namespace airframe

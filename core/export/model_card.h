// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/model_config.h"
#include "core/study/architecture.h"

namespace airframe {

/// README.md of an exported folder: what architecture.json holds, for people, with the front matter that model hubs read and
/// how to run it. `config` is the exported model's.
[[nodiscard]] std::string modelCard(const ArchitectureFile& about, const ModelConfig& config);

}  // namespace airframe

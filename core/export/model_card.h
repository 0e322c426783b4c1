// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/export/export_info.h"
#include "core/formats/model_config.h"
#include "core/study/placement.h"

namespace airframe {

/// Everything the papers of an export tell: made once, then written as architecture.json and as README.md.
struct ExportFacts {
    Placement placement;
    ModelConfig config;          ///< of the exported model
    std::int64_t parameters = 0;
    ExportInfo info;             ///< with every empty field filled in that could be
    std::string base_file;       ///< file name of the base model
    std::string weights_sha256;  ///< of model.safetensors
    std::string created;         ///< UTC, "2026-05-04T10:20:30Z"
    double max_logit_difference = 0;
    int checked_tokens = 0;
};

/// architecture.json: schema version, placement, one entry per layer, block dimensions, provenance, scores, the check.
[[nodiscard]] nlohmann::ordered_json architectureJson(const ExportFacts& facts);
/// README.md: the same for people, with the front matter that model hubs read.
[[nodiscard]] std::string modelCard(const ExportFacts& facts);

}  // namespace airframe
